package io.lb4j.proxy;

import io.lb4j.access.Bandwidth;
import io.lb4j.internal.loop.BufferBudget;
import io.lb4j.internal.util.Checks;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How much there may be at a time.
 *
 * @param connections how many connections may be open, 1 or more; empty for as many as the process has descriptors for.
 *     Default: empty
 * @param connectAttempts how many attempts to connect are made for one connection, 1..100. Default: 3
 * @param bufferedBytes how many bytes may be held that one side has sent and the other does not take yet, 65,536 or more.
 *     Default: a sixteenth of the largest heap, and at least 1 MiB
 * @param bandwidth how many bytes all connections together may pass in a second; empty for any number. Default: empty
 */
public record LimitPolicy(
        Optional<Integer> connections, int connectAttempts, long bufferedBytes, Optional<Bandwidth> bandwidth) {
    private static final int MOST_CONNECTIONS = Integer.MAX_VALUE;
    private static final int MOST_ATTEMPTS = 100;
    private static final long LEAST_BUFFERED = 64 * 1024;

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when one of them is out of its range
     */
    public LimitPolicy {
        connections.ifPresent(most -> Checks.range("limits connections", most, 1, MOST_CONNECTIONS));
        Checks.range("limits connectAttempts", connectAttempts, 1, MOST_ATTEMPTS);
        Checks.atLeast("limits bufferedBytes", bufferedBytes, LEAST_BUFFERED);
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that holds these parts. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.connections = connections;
        builder.connectAttempts = connectAttempts;
        builder.bufferedBytes = bufferedBytes;
        builder.bandwidth = bandwidth;
        return builder;
    }

    /** Collects the parts of a policy. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private Optional<Integer> connections = Optional.empty();
        private int connectAttempts = 3;
        private long bufferedBytes = BufferBudget.defaultLimit();
        private Optional<Bandwidth> bandwidth = Optional.empty();

        private Builder() {}

        /**
         * How many connections may be open at a time. At the limit accepting pauses; clients wait in the kernel's backlog
         * (4096 for each event loop, if the system allows) until one ends. Default: as many as the process can open
         * descriptors for when it starts, two for each connection, with a tenth (64 to 1,000) kept for the application;
         * the line that is logged at the start says the number. No limit where the system does not tell. When it is
         * changed and there are more than that, none is closed.
         *
         * @throws IllegalArgumentException when it is less than 1
         */
        public Builder connections(int connections) {
            this.connections = Optional.of(Checks.range("limits connections", connections, 1, MOST_CONNECTIONS));
            return this;
        }

        /**
         * How many attempts to connect are made for one connection: how many backends are tried. Default: 3.
         *
         * @throws IllegalArgumentException when it is not within 1..100
         */
        public Builder connectAttempts(int attempts) {
            this.connectAttempts = Checks.range("limits connectAttempts", attempts, 1, MOST_ATTEMPTS);
            return this;
        }

        /**
         * How much of the heap connections may hold in bytes that one side has sent and the other does not take yet. As it
         * fills up, less is read at a time (down to 4 KiB), so that slow receivers cost no more memory than this and
         * everybody else goes on. It may be exceeded by 4 KiB for each connection whose receiver then takes less than it
         * said it would. Default: a sixteenth of the largest heap ({@link Runtime#maxMemory}), and at least 1 MiB. When it
         * is changed, what is held already stays.
         *
         * @throws IllegalArgumentException when it is less than 65,536
         */
        public Builder bufferedBytes(long bytes) {
            this.bufferedBytes = Checks.atLeast("limits bufferedBytes", bytes, LEAST_BUFFERED);
            return this;
        }

        /**
         * How many bytes all connections together may pass in a second; they take turns. The builder handed in holds the
         * present values, or the defaults. When it is changed while the balancer runs, the new rate holds within a second for all
         * who are limited; connections that began when there was no limit stay without. Default: any number.
         *
         * @throws IllegalArgumentException when no direction has a limit, or a value is out of its range
         */
        public Builder bandwidth(Consumer<Bandwidth.Builder> bandwidth) {
            this.bandwidth = Optional.of(Bandwidth.changed(this.bandwidth, bandwidth));
            return this;
        }

        /** All together may pass as much as they can: the default. */
        public Builder noBandwidth() {
            bandwidth = Optional.empty();
            return this;
        }

        /** The policy. */
        public LimitPolicy build() {
            return new LimitPolicy(connections, connectAttempts, bufferedBytes, bandwidth);
        }
    }
}
