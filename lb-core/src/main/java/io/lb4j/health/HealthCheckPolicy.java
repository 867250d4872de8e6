package io.lb4j.health;

import io.lb4j.internal.util.Checks;
import java.time.Duration;

/**
 * When backends are checked, and when a result counts.
 *
 * <p>All backends are checked at once when the balancer starts, side by side, and then each one every
 * {@link #interval()} after its last check began. Until its first check has ended a backend is UP.
 *
 * @param checker how a backend is checked. Default: {@link HealthChecker#tcpConnect()}
 * @param interval time from the begin of one check to the begin of the next. Default: 30 s
 * @param timeout when a running check counts as failed. Default: 5 s
 * @param healthyAfter passed checks in a row that bring a DOWN backend UP, 1..100. Default: 1
 * @param unhealthyAfter failed checks in a row that bring an UP backend DOWN, 1..100. Default: 1
 */
public record HealthCheckPolicy(
        HealthChecker checker, Duration interval, Duration timeout, int healthyAfter, int unhealthyAfter) {

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when a duration is not longer than zero or a count not within 1..100
     */
    public HealthCheckPolicy {
        Checks.notNull("checker", checker);
        Checks.positive("health check interval", interval);
        Checks.positive("health check timeout", timeout);
        Checks.range("healthyAfter", healthyAfter, 1, 100);
        Checks.range("unhealthyAfter", unhealthyAfter, 1, 100);
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the parts of a policy. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private HealthChecker checker = HealthChecker.tcpConnect();
        private Duration interval = Duration.ofSeconds(30);
        private Duration timeout = Duration.ofSeconds(5);
        private int healthyAfter = 1;
        private int unhealthyAfter = 1;

        private Builder() {}

        /** How a backend is checked. Default: {@link HealthChecker#tcpConnect()}. */
        public Builder checker(HealthChecker checker) {
            this.checker = Checks.notNull("checker", checker);
            return this;
        }

        /**
         * Time from the begin of one check to the begin of the next. Default: 30 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder interval(Duration interval) {
            this.interval = Checks.positive("health check interval", interval);
            return this;
        }

        /**
         * When a running check counts as failed. Default: 5 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Checks.positive("health check timeout", timeout);
            return this;
        }

        /**
         * Passed checks in a row that bring a DOWN backend UP. Default: 1.
         *
         * @throws IllegalArgumentException when it is not within 1..100
         */
        public Builder healthyAfter(int checks) {
            this.healthyAfter = Checks.range("healthyAfter", checks, 1, 100);
            return this;
        }

        /**
         * Failed checks in a row that bring an UP backend DOWN. Default: 1.
         *
         * @throws IllegalArgumentException when it is not within 1..100
         */
        public Builder unhealthyAfter(int checks) {
            this.unhealthyAfter = Checks.range("unhealthyAfter", checks, 1, 100);
            return this;
        }

        /** The policy. */
        public HealthCheckPolicy build() {
            return new HealthCheckPolicy(checker, interval, timeout, healthyAfter, unhealthyAfter);
        }
    }
}
