package io.lb4j.discovery;

import io.lb4j.internal.util.Checks;
import java.time.Duration;
import java.util.Optional;

/**
 * When a {@link BackendDiscovery} is asked, and what its answers do.
 *
 * <p>It is asked at once when the balancer starts, and then every {@link #interval()} after the last call began, give
 * or take 5 %; one that {@linkplain BackendDiscovery#watch tells of changes} at those moments as well. A backend that is
 * new in an answer is added at once, and gets connections as {@code Backends.add} says.
 *
 * @param interval time from the begin of one call to the begin of the next. Default: 30 s
 * @param timeout when a running call counts as failed and is interrupted. Default: 5 s
 * @param keepOnEmpty whether an answer without any backend is ignored, so that the last good list stays: an empty
 *     answer is more often a fault of the registry than the truth. Default: true
 * @param vanishedAfter how long a backend must have been missing from the answers to be dropped; zero drops it with the
 *     first answer that lacks it. Default: 30 s
 * @param removeWithin how long the connections of a backend that was dropped may go on before they are reset; empty lets
 *     them go on for ever. Default: empty
 */
public record DiscoveryPolicy(
        Duration interval,
        Duration timeout,
        boolean keepOnEmpty,
        Duration vanishedAfter,
        Optional<Duration> removeWithin) {

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when interval or timeout is not longer than zero, when vanishedAfter or
     *     removeWithin is negative, or when one of them is longer than 3650 days
     */
    public DiscoveryPolicy {
        Checks.positive("discovery interval", interval);
        Checks.positive("discovery timeout", timeout);
        Checks.notNegative("vanishedAfter", vanishedAfter);
        removeWithin.ifPresent(grace -> Checks.notNegative("removeWithin", grace));
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the parts of a policy. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private Duration interval = Duration.ofSeconds(30);
        private Duration timeout = Duration.ofSeconds(5);
        private boolean keepOnEmpty = true;
        private Duration vanishedAfter = Duration.ofSeconds(30);
        private Optional<Duration> removeWithin = Optional.empty();

        private Builder() {}

        /**
         * Time from the begin of one call to the begin of the next, give or take 5 %. A call that lasts longer is
         * followed by the next one at once. Default: 30 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero, or longer than 3650 days
         */
        public Builder interval(Duration interval) {
            this.interval = Checks.positive("discovery interval", interval);
            return this;
        }

        /**
         * When a running call counts as failed and is interrupted. Default: 5 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero, or longer than 3650 days
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Checks.positive("discovery timeout", timeout);
            return this;
        }

        /**
         * Whether an answer without any backend is ignored, so that the last good list stays. False takes it at its
         * word: every backend is then missing, and dropped after {@link #vanishedAfter}. Default: true.
         */
        public Builder keepOnEmpty(boolean keepOnEmpty) {
            this.keepOnEmpty = keepOnEmpty;
            return this;
        }

        /**
         * How long a backend must have been missing from the answers to be dropped: it damps registries that forget
         * for a moment. Counted from the first answer that lacks the backend; when the time is over the discovery is
         * asked once more, and an answer that still lacks it drops it. Failures and ignored empty answers drop nothing.
         * An id that moves to another address, and an address under another id, are changes and not damped.
         *
         * <p>Zero, for sources that are always right, such as a file written by people. Default: 30 s.
         *
         * @throws IllegalArgumentException when it is negative or longer than 3650 days
         */
        public Builder vanishedAfter(Duration vanishedAfter) {
            this.vanishedAfter = Checks.notNegative("vanishedAfter", vanishedAfter);
            return this;
        }

        /**
         * How long the connections of a backend that was dropped may go on: those it still has then are reset, with
         * {@link io.lb4j.event.CloseReason#BACKEND_DRAINED}. Until the last of them has ended the backend is {@linkplain
         * io.lb4j.backend.BackendStatus#LEAVING LEAVING}, and if an answer has it again it is here again. Zero resets them
         * at once. Default: they go on for ever, and {@code drain(id, grace)} can end them.
         *
         * @throws IllegalArgumentException when it is negative or longer than 3650 days
         */
        public Builder removeWithin(Duration grace) {
            this.removeWithin = Optional.of(Checks.notNegative("removeWithin", grace));
            return this;
        }

        /** The policy. */
        public DiscoveryPolicy build() {
            return new DiscoveryPolicy(interval, timeout, keepOnEmpty, vanishedAfter, removeWithin);
        }
    }
}
