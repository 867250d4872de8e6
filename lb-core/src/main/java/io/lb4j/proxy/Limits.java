package io.lb4j.proxy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The settings of a connection, in the units of the engine: those that held when it was accepted. Immutable. */
final class Limits {
    /** All attempts of a connection together may take this long, or the timeout of one if that is longer. */
    private static final long CONNECT_DEADLINE = TimeUnit.SECONDS.toNanos(10);

    /** Longer than a connection lives, and far from the wrap of the clock. */
    private static final long FOR_EVER = TimeUnit.DAYS.toNanos(3650);

    final long connectTimeout;
    final long connectDeadline;
    final int connectAttempts;
    final long idleTimeout;
    final long halfClosedTimeout;
    final long stallTimeout;
    final long maxLifetime;

    Limits(TcpProxyConfig config) {
        connectTimeout = config.connectTimeout().toNanos();
        connectDeadline = Math.max(CONNECT_DEADLINE, connectTimeout);
        connectAttempts = config.connectAttempts();
        idleTimeout = config.idleTimeout().map(Duration::toNanos).orElse(FOR_EVER);
        halfClosedTimeout = config.halfClosedTimeout().toNanos();
        stallTimeout = config.stallTimeout().toNanos();
        maxLifetime = config.maxLifetime().map(Duration::toNanos).orElse(FOR_EVER);
    }

    boolean hasMaxLifetime() {
        return maxLifetime != FOR_EVER;
    }
}
