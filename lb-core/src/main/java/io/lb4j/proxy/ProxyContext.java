package io.lb4j.proxy;

import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.time.Duration;

/** What the loops of one proxy share: settings and services, all immutable or thread-safe. */
final class ProxyContext {
    /** How long an idle connection may live that has no idle timeout: for ever, as clocks go. */
    private static final long FOR_EVER = Duration.ofDays(3650).toNanos();

    /** All attempts of a connection together, unless a single one may take longer. */
    private static final long CONNECT_DEADLINE = Duration.ofSeconds(10).toNanos();

    final TcpProxyConfig config;
    final Platform platform;
    final InetSocketAddress listenAddress;
    final ProtocolFamily reserveFamily;
    final AcceptGate gate;
    final Guests guests;
    final NameResolver resolver;
    final NamedLog log;
    private final RateLimitedLog shortageLog;
    private final RateLimitedLog failureLog;

    final long connectTimeout;
    final long connectDeadline;
    final long idleTimeout;
    final long halfClosedTimeout;
    final long stallTimeout;

    ProxyContext(
            TcpProxyConfig config,
            Platform platform,
            Guests guests,
            InetSocketAddress listenAddress,
            ProtocolFamily reserveFamily) {
        this.config = config;
        this.platform = platform;
        this.guests = guests;
        this.listenAddress = listenAddress;
        this.reserveFamily = reserveFamily;
        gate = new AcceptGate(config.maxConnections().orElse(0));
        log = guests.log();
        resolver = new NameResolver(config.name(), platform, log);
        shortageLog = new RateLimitedLog(log, platform.nanoClock());
        failureLog = new RateLimitedLog(log, platform.nanoClock());
        connectTimeout = config.connectTimeout().toNanos();
        connectDeadline = Math.max(CONNECT_DEADLINE, connectTimeout);
        idleTimeout = config.idleTimeout().map(Duration::toNanos).orElse(FOR_EVER);
        halfClosedTimeout = config.halfClosedTimeout().toNanos();
        stallTimeout = config.stallTimeout().toNanos();
    }

    /** Something ran out on this machine: one line a second. Never throws. */
    void shortage(String what, Throwable cause) {
        shortageLog.warn(what, cause.getMessage(), null);
    }

    /** A bug of ours, or an exhausted heap or stack: one stack trace a second. Never throws. */
    void failure(String where, Throwable cause) {
        failureLog.warn(where, "failed", cause);
    }
}
