package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.proxy.Relay.Flow;
import io.lb4j.selection.ClientConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's connection and the backend's, from accepted to closed. Confined to the loop that accepted it. */
final class ProxyConnection extends Deadline implements ClientConnection {
    /*
     * How connections end (reliability.md speaks of the contract as C1 to C4):
     *
     *  - A side that ends its stream (FIN) has it ended towards the other side after its last byte. The other
     *    direction goes on. When both have ended, the sockets are closed.
     *  - A side that is reset: what was read from it is delivered to the other side, down to the kernel of that side,
     *    and then that side is reset. A cut-off stream never looks like a complete one.
     *  - A side that takes no more bytes (a write fails): what it has sent is still read and delivered. If its own
     *    stream turns out to have been ended before, the other side gets the end of stream, else a reset.
     *  - The side that remains may go on sending to nobody; that is read and thrown away for a while (`linger`),
     *    because closing a socket with unread input resets it and destroys what it has not yet delivered.
     *  - Timeouts, drain deadlines and close() reset both sides.
     */

    /** How long, and for how many bytes, a side that remains may finish what it is doing. */
    private static final long LINGER = TimeUnit.SECONDS.toNanos(30);

    private static final long LINGER_BYTES = 16 << 20;

    /** A connection of this age gets keep-alive; see {@link SocketSettings#keepAlive}. */
    private static final long KEEP_ALIVE_AFTER = TimeUnit.SECONDS.toNanos(15);

    /** Links of the loop's {@link ConnectionList}, which owns them. */
    @Nullable
    ProxyConnection next;

    @Nullable
    ProxyConnection previous;

    private final EventLoop loop;
    private final ProxyContext context;
    private final Endpoint client;
    private final long id;
    private final long acceptedAt;
    private final InetSocketAddress clientAddress;

    private ConnectionState state = ConnectionState.CONNECTING;
    private @Nullable BackendConnector connector;
    private int attempts;
    private long connectNanos;
    private @Nullable Route route;
    private @Nullable Endpoint backend;
    private @Nullable Relay toBackend;
    private @Nullable Relay toClient;
    private long lastActivity;
    private long lingerUntil;
    private boolean lingering;
    private boolean keepAlive;
    private @Nullable CloseReason reason;
    private @Nullable Throwable cause;

    private ProxyConnection(EventLoop loop, SocketChannel channel) throws IOException {
        this.loop = loop;
        context = loop.context();
        client = new Endpoint(this, channel);
        id = loop.newConnectionId();
        acceptedAt = loop.now();
        lastActivity = acceptedAt;
        clientAddress = (InetSocketAddress) Objects.requireNonNull(channel.getRemoteAddress());
    }

    // ---- 1. accepted

    /** Takes over a channel that was just accepted under a place of the gate. */
    static void accepted(EventLoop loop, Acceptor acceptor, SocketChannel channel) {
        ProxyConnection connection;
        try {
            SocketSettings.tune(channel);
            connection = new ProxyConnection(loop, channel);
        } catch (Throwable failure) {
            loop.context().shortage("cannot serve a connection", failure);
            closeQuietly(channel);
            loop.context().gate.leave();
            return;
        }
        loop.counters().add(LoopCounters.ACCEPTED, 1);
        loop.counters().add(LoopCounters.ACTIVE, 1);
        loop.connections().add(connection);
        connection.guarded(() -> connection.connect(acceptor));
    }

    private void connect(Acceptor acceptor) throws IOException {
        BackendConnector first = new BackendConnector(this, acceptor);
        connector = first;
        first.next();
    }

    // ---- 2. connected, or not

    /** The connector has a backend: relaying begins. */
    void connected(Route chosen, Endpoint endpoint, long nanos) throws IOException {
        connector = null;
        route = chosen;
        backend = endpoint;
        connectNanos = nanos;
        Relay up = new Relay(this, client, endpoint, LoopCounters.BYTES_TO_BACKEND);
        Relay down = new Relay(this, endpoint, client, LoopCounters.BYTES_TO_CLIENT);
        toBackend = up;
        toClient = down;
        touch();
        moveTo(ConnectionState.RELAYING);
        if (context.guests.wantSummaries()) {
            context.guests.opened(
                    loop,
                    new ConnectionOpened(
                            id, clientAddress, chosen.backend(), attempts, Duration.ofNanos(connectNanos)));
        }
        // The client has probably sent its first bytes by now; reading them here saves a turn of the loop.
        up.readable();
        settle(up, down);
    }

    /** The connector has given up. */
    void connectFailed(CloseReason reason, @Nullable Throwable cause) {
        connector = null;
        abort(reason, cause);
    }

    void attempted() {
        attempts++;
        loop.counters().add(LoopCounters.CONNECT_ATTEMPTS, 1);
    }

    // ---- 3. relaying

    /** One of the sockets is ready. */
    void ready(Endpoint endpoint, int readyOps) {
        BackendConnector connecting = connector;
        try {
            if (connecting != null) {
                connecting.connectable(endpoint);
                scheduleDeadline();
            } else if (toBackend != null && toClient != null && state != ConnectionState.CLOSED) {
                relay(endpoint, readyOps, toBackend, toClient);
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    private void relay(Endpoint endpoint, int readyOps, Relay up, Relay down) throws IOException {
        Relay from = endpoint == client ? up : down;
        Relay into = endpoint == client ? down : up;
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            into.writable();
        }
        if ((readyOps & SelectionKey.OP_READ) != 0 && state != ConnectionState.CLOSED) {
            from.readable();
        }
        settle(up, down);
    }

    /** Bytes have moved. */
    void touch() {
        lastActivity = loop.now();
    }

    /** Reading failed: the source is gone, and so is everybody who would have delivered to it. */
    void sourceLost(Relay relay, IOException failure) {
        blame(relay.source, failure);
        relay.source.markReset();
        relay.sourceLost();
        opposite(relay).abandon();
    }

    /** Writing failed: the sink takes nothing more, but what it has sent may still be readable. */
    void sinkLost(Relay relay, IOException failure) {
        blame(relay.sink, failure);
        if (!BrokenPipe.isIt(failure)) {
            relay.sink.markReset();
        }
        relay.abandon();
    }

    /** The kernel of the side that remains has what the lost side had sent: time to tell it. */
    void delivered() {
        abortAsBlamed();
    }

    /** The one place that draws conclusions from what happened to the two directions. */
    private void settle(Relay up, Relay down) throws IOException {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        up.endWhenFlushed(down.flow() == Flow.ENDED);
        down.endWhenFlushed(up.flow() == Flow.ENDED);
        Flow upward = up.flow();
        Flow downward = down.flow();
        if (upward == Flow.ENDED && downward == Flow.ENDED) {
            close(CloseReason.COMPLETED, null);
        } else if (isOver(up, down)) {
            abortAsBlamed();
        } else {
            followState(upward, downward);
            awaitDelivery(up);
            awaitDelivery(down);
            updateInterest(up, down);
            scheduleDeadline();
        }
    }

    /** Nobody is left to deliver to, or the side that remains has had its time. */
    private boolean isOver(Relay up, Relay down) {
        boolean bothLost = up.flow() == Flow.ABANDONED && down.flow() == Flow.ABANDONED;
        return bothLost || (lingering && up.discarded() + down.discarded() > LINGER_BYTES);
    }

    private void followState(Flow upward, Flow downward) {
        if (upward == Flow.ABANDONED || downward == Flow.ABANDONED) {
            become(ConnectionState.DELIVERING);
            boolean endsNow = !isUnfinished(upward) && !isUnfinished(downward);
            if (endsNow && !lingering) {
                lingering = true;
                lingerUntil = loop.now() + LINGER;
            }
        } else if (upward != Flow.OPEN) {
            become(ConnectionState.CLIENT_FINISHED);
        } else if (downward != Flow.OPEN) {
            become(ConnectionState.BACKEND_FINISHED);
        }
    }

    private static boolean isUnfinished(Flow flow) {
        return flow == Flow.OPEN || flow == Flow.ENDING;
    }

    private static void awaitDelivery(Relay relay) throws IOException {
        if (relay.flow() == Flow.RESETTING && !relay.hasPending()) {
            relay.awaitDelivery();
        }
    }

    /** The only place that decides what a relayed socket waits for. */
    private void updateInterest(Relay up, Relay down) throws IOException {
        up.source.interest(loop.selector(), operations(up, down));
        down.source.interest(loop.selector(), operations(down, up));
    }

    private static int operations(Relay from, Relay into) {
        return (from.wantsToRead() ? SelectionKey.OP_READ : 0) | (into.wantsToWrite() ? SelectionKey.OP_WRITE : 0);
    }

    // ---- 4. deadlines

    @Override
    void expired(long now) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        BackendConnector connecting = connector;
        guarded(() -> {
            if (connecting != null) {
                connecting.expired(now);
            } else {
                relayExpired(now);
            }
        });
    }

    private void relayExpired(long now) {
        if (!keepAlive && now - acceptedAt >= KEEP_ALIVE_AFTER) {
            turnKeepAliveOn();
        }
        if (now - relayDeadline() >= 0) {
            abort(timeoutReason(), null);
        }
    }

    private void turnKeepAliveOn() {
        keepAlive = true;
        try {
            SocketSettings.keepAlive(client.channel);
            if (backend != null) {
                SocketSettings.keepAlive(backend.channel);
            }
        } catch (IOException dying) {
            // The next read says how.
        }
    }

    private void scheduleDeadline() {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        long due = connector != null ? connector.deadline() : relayDeadline();
        if (!keepAlive && connector == null) {
            long keepAliveAt = acceptedAt + KEEP_ALIVE_AFTER;
            due = keepAliveAt - due < 0 ? keepAliveAt : due;
        }
        loop.deadlines().scheduleBy(this, due);
    }

    /** When the connection is aborted if nothing happens until then. */
    private long relayDeadline() {
        if (lingering) {
            return lingerUntil;
        }
        Relay stalled = stalledLongest();
        if (stalled != null) {
            return stalled.progressAt() + context.stallTimeout;
        }
        return lastActivity + (state == ConnectionState.RELAYING ? context.idleTimeout : context.halfClosedTimeout);
    }

    private CloseReason timeoutReason() {
        if (stalledLongest() != null) {
            return CloseReason.STALL_TIMEOUT;
        }
        return state == ConnectionState.RELAYING ? CloseReason.IDLE_TIMEOUT : CloseReason.HALF_CLOSED_TIMEOUT;
    }

    private @Nullable Relay stalledLongest() {
        Relay up = toBackend != null && toBackend.hasPending() ? toBackend : null;
        Relay down = toClient != null && toClient.hasPending() ? toClient : null;
        if (up == null || down == null) {
            return up == null ? down : up;
        }
        return up.progressAt() - down.progressAt() <= 0 ? up : down;
    }

    // ---- 5. the end

    /** Ends the connection with a reset to whoever is still there. The first reason given in its life wins. */
    void abort(CloseReason why, @Nullable Throwable failure) {
        if (state != ConnectionState.CLOSED) {
            client.resetOnClose();
            if (backend != null) {
                backend.resetOnClose();
            }
            close(why, failure);
        }
    }

    /** {@link #abort} when the reason has been given before. */
    private void abortAsBlamed() {
        abort(CloseReason.INTERNAL_ERROR, null);
    }

    private void close(CloseReason why, @Nullable Throwable failure) {
        moveTo(ConnectionState.CLOSED);
        blame(why, failure);
        loop.deadlines().cancel(this);
        if (connector != null) {
            connector.cancel();
            connector = null;
        }
        client.cancel();
        if (backend != null) {
            backend.cancel();
        }
        if (toBackend != null && toClient != null) {
            toBackend.release();
            toClient.release();
        }
        loop.afterNextSelect(this::release);
    }

    /** The keys are out of the selector: the sockets close for good, and everything that was taken is given back. */
    private void release() {
        client.close();
        if (backend != null) {
            backend.close();
        }
        loop.connections().remove(this);
        loop.counters().add(LoopCounters.ACTIVE, -1);
        CloseReason why = reason == null ? CloseReason.INTERNAL_ERROR : reason;
        loop.counters().closed(why);
        Route served = route;
        if (served != null) {
            context.guests.tell(loop, () -> served.released(bytes(toBackend), bytes(toClient)));
        }
        context.gate.leave();
        if (context.guests.wantSummaries()) {
            tellClosed(why);
        }
        loop.connectionEnded(why);
    }

    private void tellClosed(CloseReason why) {
        ConnectionSummary summary = new ConnectionSummary(
                id,
                clientAddress,
                route == null ? null : route.backend(),
                attempts,
                Duration.ofNanos(connectNanos),
                Duration.ofNanos(loop.now() - acceptedAt),
                bytes(toBackend),
                bytes(toClient),
                why,
                cause);
        ProxyContext.logger.debug("{}: {}", context.config.name(), summary);
        context.guests.closed(loop, summary);
    }

    private static long bytes(@Nullable Relay relay) {
        return relay == null ? 0 : relay.bytes();
    }

    private void blame(Endpoint lost, IOException failure) {
        blame(lost == client ? CloseReason.CLIENT_RESET : CloseReason.BACKEND_RESET, failure);
    }

    private void blame(CloseReason why, @Nullable Throwable failure) {
        if (reason == null) {
            reason = why;
            cause = failure;
        }
    }

    // ---- odds and ends

    EventLoop loop() {
        return loop;
    }

    ConnectionState state() {
        return state;
    }

    @Override
    public InetSocketAddress clientAddress() {
        return clientAddress;
    }

    @Override
    public InetSocketAddress listenAddress() {
        return context.listenAddress;
    }

    @Override
    public int attempt() {
        return attempts + 1;
    }

    private Relay opposite(Relay relay) {
        return Objects.requireNonNull(relay == toBackend ? toClient : toBackend);
    }

    private void become(ConnectionState next) {
        if (state != next && state.canBecome(next)) {
            moveTo(next);
        }
    }

    private void moveTo(ConnectionState next) {
        if (!state.canBecome(next)) {
            throw new IllegalStateException("connection " + id + ": " + state + " -> " + next);
        }
        state = next;
    }

    /** A part of a connection's life that can fail. */
    interface Step {
        void run() throws IOException;
    }

    /** Runs a step of the connector, which may have to be called again at another time after it. */
    void guarded(Step step) {
        try {
            step.run();
            scheduleDeadline();
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** What the engine throws ends this connection and no other. */
    private void fail(Throwable failure) {
        context.failure("connection " + id, failure);
        abort(CloseReason.INTERNAL_ERROR, failure);
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException ignored) {
            // The descriptor is released whatever close reports.
        }
    }
}
