package io.lb4j.proxy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The settings of a connection, in the units of the engine: those that held when it was accepted. Immutable. */
final class Limits {
    /** Longer than a connection lives, and far from the wrap of the clock. */
    static final long FOR_EVER = TimeUnit.DAYS.toNanos(3650);

    final long connectTimeout;
    final int connectAttempts;
    final long idleTimeout;
    final long halfClosedTimeout;
    final long stallTimeout;
    final long maxLifetime;

    Limits(TimeoutPolicy timeouts, LimitPolicy limits) {
        connectTimeout = timeouts.connect().toNanos();
        connectAttempts = limits.connectAttempts();
        idleTimeout = timeouts.idle().map(Duration::toNanos).orElse(FOR_EVER);
        halfClosedTimeout = timeouts.halfClosed().toNanos();
        stallTimeout = timeouts.stall().toNanos();
        maxLifetime = timeouts.lifetime().map(Duration::toNanos).orElse(FOR_EVER);
    }

    boolean hasMaxLifetime() {
        return maxLifetime != FOR_EVER;
    }
}
