package io.lb4j.internal.relay;

import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.Deadline;
import io.lb4j.internal.loop.SocketSettings;
import java.io.IOException;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The phase in which bytes move both ways: owns the backend's socket and the route, and knows how long it may last.
 * Confined to the connection's loop.
 */
public final class Relaying implements Phase {
    /** A connection of this age gets keep-alive; see {@link SocketSettings#keepAlive}. */
    private static final long KEEP_ALIVE_AFTER = TimeUnit.SECONDS.toNanos(15);

    private final Relayed connection;
    private final Endpoint client;
    private final Endpoint backend;
    private final RelayPair pair;
    private final @Nullable Lifetime lifetime;
    private boolean keepAlive;

    /** @param throttles what holds it back; null when nothing does */
    public Relaying(Relayed connection, Endpoint client, Endpoint backend, @Nullable Throttles throttles) {
        this.connection = connection;
        this.client = client;
        this.backend = backend;
        pair = Throttles.pair(throttles, connection, client, backend);
        lifetime = Lifetime.of(connection.limits(), connection.loop().random(), connection.acceptedAt());
    }

    @Override
    public void begin() throws IOException {
        pair.begin();
    }

    @Override
    public void ready(Endpoint endpoint, int readyOps) throws IOException {
        pair.ready(endpoint, readyOps);
    }

    // ---- deadlines

    @Override
    public long wakeAt() {
        long due = Deadline.earlier(abortAt(), pair.checkAt());
        due = lifetime == null ? due : Deadline.earlier(due, lifetime.lookAt());
        return keepAlive ? due : Deadline.earlier(due, connection.acceptedAt() + KEEP_ALIVE_AFTER);
    }

    @Override
    public void expired(long now) throws IOException {
        if (!keepAlive && now - connection.acceptedAt() >= KEEP_ALIVE_AFTER) {
            turnKeepAliveOn();
        }
        if (lifetime != null && lifetime.isOver(now, pair.lastActivity(), pair.isAnswered(), pair::hasArrived)) {
            connection.abort(CloseReason.MAX_LIFETIME, null);
        } else if (now - abortAt() >= 0) {
            connection.timedOut(timeoutReason(), timeoutBy());
        } else {
            pair.check(now);
        }
    }

    private void turnKeepAliveOn() {
        keepAlive = true;
        try {
            client.keepAlive();
            backend.keepAlive();
        } catch (IOException dying) {
            // The next read says how.
        }
    }

    /** When the connection is aborted if nothing happens until then. */
    private long abortAt() {
        Linger linger = pair.linger();
        if (linger.isOn()) {
            return linger.until();
        }
        long silent = silentUntil();
        return Deadline.earlier(silent, pair.stalledAt(silent));
    }

    /** Why, when {@link #abortAt} has passed. */
    private CloseReason timeoutReason() {
        if (abortAt() != silentUntil()) {
            return CloseReason.STALL_TIMEOUT;
        }
        return bothOpen() ? CloseReason.IDLE_TIMEOUT : CloseReason.HALF_CLOSED_TIMEOUT;
    }

    /** Whom it waited for in vain, when {@link #abortAt} has passed. */
    private Party timeoutBy() {
        if (abortAt() != silentUntil()) {
            return pair.stalledBy(abortAt());
        }
        if (bothOpen()) {
            return Party.BALANCER;
        }
        return pair.firstFinished() == Party.CLIENT ? Party.BACKEND : Party.CLIENT;
    }

    private long silentUntil() {
        Limits limits = connection.limits();
        return pair.lastActivity() + (bothOpen() ? limits.idleTimeout() : limits.halfClosedTimeout());
    }

    private boolean bothOpen() {
        return connection.state() == ConnectionState.RELAYING;
    }

    // ---- the end

    @Override
    public void resetOnClose() {
        backend.resetOnClose();
    }

    @Override
    public void end() {
        pair.release();
        backend.cancel();
    }

    @Override
    public boolean isReadyToClose() {
        return backend.isReadyToClose();
    }

    @Override
    public void close(CloseReason why) {
        backend.close();
        connection.routeEnded(why);
    }

    // ---- for whoever looks

    @Override
    public long lastActivity(long otherwise) {
        return pair.lastActivity();
    }

    @Override
    public long bytesToBackend() {
        return pair.bytesToBackend();
    }

    @Override
    public long bytesToClient() {
        return pair.bytesToClient();
    }

    @Override
    public long firstByteAt() {
        return pair.firstByteAt();
    }

    @Override
    public Party firstFinished() {
        return pair.firstFinished();
    }

    @Override
    public void register(Selector fresh) throws IOException {
        backend.register(fresh);
    }

    @Override
    public void moved(Selector fresh) {
        backend.moved(fresh);
    }
}
