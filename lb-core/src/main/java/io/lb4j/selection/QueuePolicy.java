package io.lb4j.selection;

import io.lb4j.internal.util.Checks;
import java.time.Duration;
import java.util.Optional;

/**
 * How connections wait while every backend that could take them is at its limit of connections
 * ({@link io.lb4j.backend.Backend#withMaxConnections}).
 *
 * <p>They wait in one line for all backends, and are served in the order in which they came: who comes while others wait
 * goes to the end. When a place is free, the selector is asked for whoever has waited longest and can use it; one whose
 * attempt then fails goes back to where it was in the line, and one whose attempt failed before it ever waited goes to the
 * end. A client that resets its connection leaves the line; one that only ends its stream stays, since it may be waiting
 * for an answer. What a client has sent stays in the kernel, but for 2 KiB at
 * most that were read when it was accepted. When no backend is eligible any more, those who wait are
 * refused as those are who come then.
 *
 * <p>Whoever waits counts as a connection of the balancer: with a limit of its own, that many at most
 * are connected or wait.
 *
 * @param maxWaiting how many may wait at a time, 1 or more; those who come then are refused with
 *     {@link io.lb4j.event.CloseReason#QUEUE_FULL}. Default: no limit but the balancer's, because every client that waits
 *     is one that is not refused, and none waits for longer than the timeout
 * @param timeout how long one may wait in all, before it is refused with
 *     {@link io.lb4j.event.CloseReason#QUEUE_TIMEOUT}; empty: as long as the connect timeout. The time counts for itself:
 *     an attempt to connect has its whole connect timeout afterwards. Default: empty
 */
public record QueuePolicy(int maxWaiting, Optional<Duration> timeout) {
    private static final int UNLIMITED = Integer.MAX_VALUE;

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when one of them is out of its range
     */
    public QueuePolicy {
        Checks.range("queue maxWaiting", maxWaiting, 1, UNLIMITED);
        timeout.ifPresent(time -> Checks.positive("queue timeout", time));
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the parts of a policy. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private int maxWaiting = UNLIMITED;
        private Optional<Duration> timeout = Optional.empty();

        private Builder() {}

        /**
         * How many may wait at a time. Default: no limit but that of the balancer's connections.
         *
         * @throws IllegalArgumentException when it is less than 1
         */
        public Builder maxWaiting(int connections) {
            this.maxWaiting = Checks.range("queue maxWaiting", connections, 1, UNLIMITED);
            return this;
        }

        /**
         * How long one may wait in all. Default: as long as the connect timeout.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Optional.of(Checks.positive("queue timeout", timeout));
            return this;
        }

        /** The policy. */
        public QueuePolicy build() {
            return new QueuePolicy(maxWaiting, timeout);
        }
    }
}
