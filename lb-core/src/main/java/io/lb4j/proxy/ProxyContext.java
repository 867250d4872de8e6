package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.loop.BufferBudget;
import io.lb4j.internal.relay.SocketTableReader;
import io.lb4j.internal.relay.Throttles;
import io.lb4j.internal.relay.TokenBuckets;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.SocketTable;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ProtocolFamily;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What the loops of one proxy share: settings and services, all thread-safe. */
final class ProxyContext {
    final Platform platform;
    final ChosenTransport transport;
    final ProtocolFamily reserveFamily;
    final AcceptGate gate;
    final BufferBudget budget;
    final Guests guests;
    final NameResolver resolver;

    /** Null where the kernel does not tell. */
    final @Nullable SocketTableReader socketTable;

    final NamedLog log;
    private final RateLimitedLog shortageLog;
    private final RateLimitedLog failureLog;
    private final RateLimitedLog[] resetLogs = new RateLimitedLog[CloseReason.values().length];
    private @Nullable ExecutorService workers;
    private @Nullable ExecutorService handshakes;

    /** The connection limit where none is set. */
    private final int connectionsThatFit;

    /** What holds for connections accepted from now on. */
    private volatile TcpProxyConfig config;

    /** What all connections share of a bandwidth; null as long as there was none. */
    private volatile @Nullable TokenBuckets bandwidth;

    /** Where the proxy listens. */
    private volatile Port[] listeners = {};

    ProxyContext(
            TcpProxyConfig config,
            ChosenTransport transport,
            Guests guests,
            NameResolver resolver,
            ProtocolFamily reserveFamily) {
        this.config = config;
        this.transport = transport;
        platform = transport.platform();
        this.guests = guests;
        this.reserveFamily = reserveFamily;
        connectionsThatFit = platform.connectionsThatFit().getAsInt();
        gate = new AcceptGate(config.limits().connections().orElse(connectionsThatFit));
        budget = new BufferBudget(config.limits().bufferedBytes());
        share(config.limits());
        log = guests.log();
        this.resolver = resolver;
        SocketTable table = platform.socketTable();
        socketTable = table == null ? null : new SocketTableReader(table, platform, config.name(), this::failure);
        shortageLog = new RateLimitedLog(log, platform.nanoClock());
        failureLog = new RateLimitedLog(log, platform.nanoClock());
        Arrays.setAll(resetLogs, reason -> new RateLimitedLog(log, platform.nanoClock()));
    }

    /** How many connections may be open now. */
    int connectionLimit() {
        return config.limits().connections().orElse(connectionsThatFit);
    }

    TcpProxyConfig config() {
        return config;
    }

    /** Where the proxy listens from now on. */
    void listeners(List<Port> changed) {
        listeners = changed.toArray(Port[]::new);
    }

    /** Whether a connection to this address and port would come back to the proxy. */
    boolean isListener(Addresses addresses, InetAddress target, int port) {
        for (Port listener : listeners) {
            if (!listener.isLeft() && addresses.reaches(target, port, listener.address())) {
                return true;
            }
        }
        return false;
    }

    void config(TcpProxyConfig changed) {
        config = changed;
        gate.limit(changed.limits().connections().orElse(connectionsThatFit));
        budget.limit(changed.limits().bufferedBytes());
        share(changed.limits());
    }

    private void share(LimitPolicy limits) {
        if (limits.bandwidth().isPresent()) {
            Throttles.load();
        }
        long now = platform.nanoClock().getAsLong();
        bandwidth = TokenBuckets.limited(bandwidth, limits.bandwidth().orElse(null), now);
    }

    /** What all connections share of a bandwidth; null when they share none. */
    @Nullable
    TokenBuckets bandwidth() {
        return bandwidth;
    }

    /** A thread that may read files, made when it is first asked for. */
    synchronized ExecutorService workers() {
        ExecutorService present = workers;
        if (present == null) {
            present = platform.workers().pool(Names.thread(config.name(), "files"), 1);
            workers = present;
        }
        return present;
    }

    /** Threads for what engines of TLS have to reckon, made when they are first asked for: as many as there are loops. */
    synchronized ExecutorService handshakes() {
        ExecutorService present = handshakes;
        if (present == null) {
            present = platform.workers().pool(Names.thread(config.name(), "tls"), config.eventLoops());
            handshakes = present;
        }
        return present;
    }

    /** The proxy has ended. */
    void close() {
        closeWorkers();
        resolver.close();
        if (socketTable != null) {
            socketTable.close();
        }
    }

    private synchronized void closeWorkers() {
        if (workers != null) {
            workers.shutdownNow();
        }
        if (handshakes != null) {
            handshakes.shutdownNow();
        }
    }

    /** Something ran out on this machine: one line a second. Never throws. */
    void shortage(String what, Throwable cause) {
        shortageLog.warn(what, cause.getMessage(), null);
    }

    /** A client is turned away, or gets no backend: one line a second for each reason, with how many there were. Never throws. */
    void refused(CloseReason reason, @Nullable Throwable cause) {
        if (reason == CloseReason.LOCAL_SHORTAGE) {
            // Told when it happened.
            return;
        }
        String what = cause instanceof ProtocolException || cause instanceof SSLException
                ? reason.sentence() + " (" + cause.getMessage() + ")"
                : reason.sentence();
        // That one is told by an alert.
        String how = reason == CloseReason.TLS_HANDSHAKE_FAILED ? "a client was turned away:" : "a client was reset:";
        resetLogs[reason.ordinal()].warn(how, what, null);
    }

    /** A bug of ours, or an exhausted heap or stack: one stack trace a second. Never throws. */
    void failure(String where, Throwable cause) {
        failureLog.warn(where, "failed", cause);
    }
}
