package io.lb4j.health;

import io.lb4j.internal.util.Checks;
import java.time.Duration;

/**
 * When a backend is ejected because of what its connections show, between two health checks.
 *
 * <p>An attempt to connect that fails makes a health check of that backend due at once. As many failures in a row as
 * {@link #consecutiveFailures()} eject it: it gets no new connections for {@link #ejectionTime()}, twice as long the
 * second time, three times the third, up to {@link #maxEjectionTime()}, each time 10 % more or less. A health check that
 * passes ends an ejection for failed connects; one for early resets or early ends lasts its time, since most checks cannot
 * see what caused it. An ejection that ended as long ago as {@code maxEjectionTime} is forgotten.
 *
 * <p>Never ejected are the last eligible backends, as many as are {@linkplain MinimumHealthy to be UP}, and more than {@link #maxEjectedPercent()} of all. Want of descriptors,
 * ports or memory on this machine counts against nobody.
 *
 * @param consecutiveFailures failures in a row that eject, 1..1000. Default: 5
 * @param countEarlyResets whether a connection counts as failed that the backend reset before it sent a byte. Default:
 *     false
 * @param countEarlyEnds whether a connection counts as failed that the backend ended, in whatever form, before it sent a
 *     byte and before the client had ended its own stream. Default: false
 * @param ejectionTime how long the first ejection lasts. Default: 30 s
 * @param maxEjectionTime the longest ejection. Default: 300 s
 * @param maxEjectedPercent how much of all backends may be ejected at a time, 0..100, rounded down. Default: 50
 */
public record OutlierPolicy(
        int consecutiveFailures,
        boolean countEarlyResets,
        boolean countEarlyEnds,
        Duration ejectionTime,
        Duration maxEjectionTime,
        int maxEjectedPercent) {

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when one of them is out of its range, or the longest ejection shorter than the
     *     first
     */
    public OutlierPolicy {
        Checks.range("consecutiveFailures", consecutiveFailures, 1, 1000);
        Checks.positive("ejectionTime", ejectionTime);
        Checks.positive("maxEjectionTime", maxEjectionTime);
        Checks.range("maxEjectedPercent", maxEjectedPercent, 0, 100);
        if (maxEjectionTime.compareTo(ejectionTime) < 0) {
            throw new IllegalArgumentException(
                    "maxEjectionTime: " + maxEjectionTime + " (expected: at least ejectionTime, " + ejectionTime + ")");
        }
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the parts of a policy. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private int consecutiveFailures = 5;
        private boolean countEarlyResets;
        private boolean countEarlyEnds;
        private Duration ejectionTime = Duration.ofSeconds(30);
        private Duration maxEjectionTime = Duration.ofMinutes(5);
        private int maxEjectedPercent = 50;

        private Builder() {}

        /**
         * Failures in a row that eject a backend. Default: 5.
         *
         * @throws IllegalArgumentException when it is not within 1..1000
         */
        public Builder consecutiveFailures(int failures) {
            this.consecutiveFailures = Checks.range("consecutiveFailures", failures, 1, 1000);
            return this;
        }

        /** Counts a connection as failed too that the backend reset before it sent a byte. Default: not. */
        public Builder countEarlyResets() {
            this.countEarlyResets = true;
            return this;
        }

        /**
         * Counts a connection as failed too that the backend ended before it sent a byte, politely or by a reset, unless
         * the client had ended its own stream before. A server that hangs up at once (its own backend is gone, it has no
         * free worker, an address is locked out) looks like an idle one to the {@link
         * io.lb4j.selection.BackendSelector#leastConnections leastConnections} family, and would get most of the
         * traffic. Not for protocols in which a server may end without a word. Default: not.
         */
        public Builder countEarlyEnds() {
            this.countEarlyEnds = true;
            return this;
        }

        /**
         * How long the first ejection lasts. Default: 30 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder ejectionTime(Duration time) {
            this.ejectionTime = Checks.positive("ejectionTime", time);
            return this;
        }

        /**
         * The longest ejection. Default: 300 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder maxEjectionTime(Duration time) {
            this.maxEjectionTime = Checks.positive("maxEjectionTime", time);
            return this;
        }

        /**
         * How much of all backends may be ejected at a time, in percent, rounded down. Default: 50.
         *
         * @throws IllegalArgumentException when it is not within 0..100
         */
        public Builder maxEjectedPercent(int percent) {
            this.maxEjectedPercent = Checks.range("maxEjectedPercent", percent, 0, 100);
            return this;
        }

        /**
         * The policy.
         *
         * @throws IllegalArgumentException when the longest ejection is shorter than the first
         */
        public OutlierPolicy build() {
            return new OutlierPolicy(
                    consecutiveFailures,
                    countEarlyResets,
                    countEarlyEnds,
                    ejectionTime,
                    maxEjectionTime,
                    maxEjectedPercent);
        }
    }
}
