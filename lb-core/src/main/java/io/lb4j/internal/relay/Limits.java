package io.lb4j.internal.relay;

import java.util.concurrent.TimeUnit;

/** The settings of a connection, in nanoseconds: those that held when it was accepted. Immutable. */
public record Limits(
        long prefaceTimeout,
        long connectTimeout,
        int connectAttempts,
        long idleTimeout,
        long halfClosedTimeout,
        long stallTimeout,
        long maxLifetime) {
    /** Longer than a connection lives, and far from the wrap of the clock. */
    public static final long FOR_EVER = TimeUnit.DAYS.toNanos(3650);

    boolean hasMaxLifetime() {
        return maxLifetime != FOR_EVER;
    }
}
