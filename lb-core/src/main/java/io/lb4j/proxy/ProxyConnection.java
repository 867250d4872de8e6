package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.Party;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.Closing;
import io.lb4j.selection.ClientConnection;
import io.lb4j.stats.OpenConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's connection and the backend's, from accepted to closed. Confined to the loop that accepted it. */
final class ProxyConnection extends Deadline implements ClientConnection {
    /** A connection of this age gets keep-alive; see {@link SocketSettings#keepAlive}. */
    private static final long KEEP_ALIVE_AFTER = TimeUnit.SECONDS.toNanos(15);

    private static final int TRIES_TO_RESET = 100;

    /** Links of the loop's {@link ConnectionList}, which owns them. */
    @Nullable
    ProxyConnection next;

    @Nullable
    ProxyConnection previous;

    /** Link of the list of connections whose sockets are to be closed, which the loop owns. */
    @Nullable
    ProxyConnection nextEnded;

    private final EventLoop loop;
    private final ProxyContext context;
    private final Endpoint client;
    private final ConnectionStory story;
    private final Limits limits;

    private final @Nullable Lifetime lifetime;

    private ConnectionState state = ConnectionState.CONNECTING;

    /** As long as it is here, the route and the backend's socket are the connector's; then they are ours, at once. */
    private @Nullable BackendConnector connector;

    private @Nullable Endpoint backend;
    private @Nullable RelayPair relays;
    private boolean keepAlive;

    private ProxyConnection(EventLoop loop, SocketChannel channel, SocketChannel reserved) throws IOException {
        this.loop = loop;
        context = loop.context();
        client = new Endpoint(this, channel);
        story = new ConnectionStory(loop, (InetSocketAddress) Objects.requireNonNull(channel.getRemoteAddress()));
        limits = context.limits();
        lifetime = Lifetime.of(limits, context.platform.random(), story.acceptedAt());
        connector = new BackendConnector(this, reserved);
    }

    // ---- 1. accepted

    /**
     * Takes over a channel that was just accepted under a place of the gate, and the one that is reserved for its
     * backend.
     */
    static void accepted(EventLoop loop, SocketChannel channel, SocketChannel reserved) {
        ProxyConnection connection;
        try {
            SocketSettings.tune(channel);
            connection = new ProxyConnection(loop, channel, reserved);
        } catch (Throwable failure) {
            turnAway(channel);
            Closing.quietly(reserved);
            loop.context().gate.leave();
            loop.context().shortage("cannot serve a connection:", failure);
            return;
        }
        loop.counters().add(LoopCounters.ACCEPTED, 1);
        loop.counters().add(LoopCounters.ACTIVE, 1);
        loop.connections().add(connection);
        try {
            connection.story.accepted();
            connection.connect();
        } catch (Throwable failure) {
            connection.fail(failure);
        }
    }

    private static void turnAway(SocketChannel channel) {
        for (int i = 0; i < TRIES_TO_RESET && !SocketSettings.resetsOnClose(channel); i++) {
            Thread.onSpinWait();
        }
        Closing.quietly(channel);
    }

    private void connect() throws IOException {
        BackendConnector connecting = connector;
        if (connecting != null) {
            connecting.next();
            scheduleDeadline();
        }
    }

    /** In the line: its turn has come, or there is something about the client to be found out. */
    void goOn(Wait wait) {
        // Without a lambda, which there may be no memory for: whoever was called must answer.
        try {
            if (state != ConnectionState.CLOSED) {
                wait.goOn();
                scheduleDeadline();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** What the client's socket waits for while there is no backend. */
    void listenToClient(int ops) throws IOException {
        client.interest(loop.selector(), ops);
    }

    // ---- 2. connected, or not

    /** The connector has a backend: relaying begins. */
    void connected(Route chosen, Endpoint endpoint, long nanos) throws IOException {
        InetSocketAddress address = context.guests.areListening() ? addressOf(endpoint) : null;
        BackendConnector connecting = Objects.requireNonNull(connector);
        noteWait();
        backend = endpoint;
        story.routed(chosen);
        connector = null;
        connecting.handedOver(endpoint);
        loop.counters().connected(nanos);
        context.guests.connected(loop, chosen, nanos);
        RelayPair pair = new RelayPair(this, client, endpoint);
        relays = pair;
        moveTo(ConnectionState.RELAYING);
        story.opened(chosen, address, nanos);
        pair.begin();
    }

    private static @Nullable InetSocketAddress addressOf(Endpoint endpoint) throws IOException {
        return endpoint.remoteAddress();
    }

    /** The connector has given up. */
    void connectFailed(CloseReason reason, @Nullable Throwable cause) {
        noteWait();
        connector = null;
        abort(reason, cause);
    }

    private void noteWait() {
        if (connector != null) {
            story.waited(connector.waited());
        }
    }

    void attempted(Route chosen) {
        story.attempted(chosen);
        loop.counters().add(LoopCounters.CONNECT_ATTEMPTS, 1);
    }

    void attemptFailed(Route failed, Throwable failure, ConnectFailure kind, long nanos) {
        loop.counters().connectFailed(kind);
        story.attemptFailed(failed, failure, kind, nanos);
    }

    // ---- 3. relaying

    /** One of the sockets is ready. */
    void ready(Endpoint endpoint, int readyOps) {
        BackendConnector connecting = connector;
        RelayPair pair = relays;
        if (state == ConnectionState.CLOSED) {
            return;
        }
        try {
            if (connecting != null) {
                if (endpoint == client) {
                    connecting.clientReady(readyOps);
                } else {
                    connecting.connectable(endpoint);
                }
                scheduleDeadline();
            } else if (pair != null) {
                pair.ready(endpoint, readyOps);
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    // ---- 4. deadlines

    @Override
    void expired(long now) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        BackendConnector connecting = connector;
        try {
            if (connecting != null) {
                connecting.expired(now);
            } else {
                relayExpired(now);
            }
            scheduleDeadline();
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    private void relayExpired(long now) {
        if (!keepAlive && now - story.acceptedAt() >= KEEP_ALIVE_AFTER) {
            turnKeepAliveOn();
        }
        RelayPair pair = relays;
        if (pair == null) {
            return;
        }
        if (lifetime != null && lifetime.isOver(now, pair.lastActivity(), pair.isAnswered(), pair::hasArrived)) {
            abort(CloseReason.MAX_LIFETIME, null);
        } else if (now - pair.deadline() >= 0) {
            timedOut(pair.timeoutReason(), pair.timeoutBy());
        } else {
            pair.check(now);
        }
    }

    /** One side was waited for in vain. */
    void timedOut(CloseReason reason, Party by) {
        if (state != ConnectionState.CLOSED) {
            story.blame(reason, by, state.phase(), null);
            abortAsBlamed();
        }
    }

    /** A part of a connection's life that can fail. */
    interface Step {
        void run() throws IOException;
    }

    /** Something that did not come from one of its sockets; nothing when the connection has ended. */
    void guarded(Step step) {
        try {
            if (state != ConnectionState.CLOSED) {
                step.run();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    private void turnKeepAliveOn() {
        keepAlive = true;
        try {
            client.keepAlive();
            if (backend != null) {
                backend.keepAlive();
            }
        } catch (IOException dying) {
            // The next read says how.
        }
    }

    /** Sees to it that {@link #expired} is called in time. */
    void scheduleDeadline() {
        BackendConnector connecting = connector;
        RelayPair pair = relays;
        if (state == ConnectionState.CLOSED) {
            return;
        }
        if (connecting != null) {
            loop.deadlines().scheduleBy(this, connecting.deadline());
        } else if (pair != null) {
            long due = earlier(pair.deadline(), pair.checkAt());
            due = lifetime == null ? due : earlier(due, lifetime.lookAt());
            long keepAliveAt = story.acceptedAt() + KEEP_ALIVE_AFTER;
            loop.deadlines().scheduleBy(this, keepAlive ? due : earlier(due, keepAliveAt));
        }
    }

    private static long earlier(long one, long other) {
        return one - other <= 0 ? one : other;
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

    /**
     * Takes the connection off a route: resets it, or, while it is being connected, has another route tried. Returns
     * whether it was reset.
     */
    boolean leave(Route left, CloseReason why) {
        BackendConnector connecting = connector;
        if (story.route() == left && state != ConnectionState.CLOSED) {
            abort(why, null);
            return true;
        }
        if (connecting != null && state != ConnectionState.CLOSED && connecting.isTrying(left)) {
            endAttempt(connecting, true);
        }
        return false;
    }

    /** If it is being connected by this route, and there is another one for it, that is tried instead. */
    void giveUpAttempt(Route lost) {
        BackendConnector connecting = connector;
        if (connecting != null && state != ConnectionState.CLOSED && connecting.isTrying(lost)) {
            endAttempt(connecting, false);
        }
    }

    private void endAttempt(BackendConnector connecting, boolean inAnyCase) {
        try {
            if (inAnyCase) {
                connecting.abandonAttempt();
            } else {
                connecting.changeAttempt();
            }
            scheduleDeadline();
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** The name of the backend that is tried has been looked up. */
    void resolved(int attempt, @Nullable Addresses found, @Nullable Throwable failure) {
        BackendConnector connecting = connector;
        if (connecting == null || attempt != attempt() || state == ConnectionState.CLOSED) {
            return;
        }
        try {
            connecting.resolved(found, failure);
            scheduleDeadline();
        } catch (Throwable unexpected) {
            fail(unexpected);
        }
    }

    /** {@link #abort} when the reason has been given before. */
    void abortAsBlamed() {
        abort(CloseReason.INTERNAL_ERROR, null);
    }

    /** Ends the connection when both sides have all they should have. */
    void close(CloseReason why, @Nullable Throwable failure) {
        blame(why, failure);
        moveTo(ConnectionState.CLOSED);
        // Before anything else, and without allocating: the sockets will be closed, and the rest is given back with
        // them.
        loop.ended(this);
        loop.deadlines().cancel(this);
        client.cancel();
        if (connector != null) {
            connector.cancelKeys();
        } else if (backend != null) {
            backend.cancel();
        }
        if (relays != null) {
            relays.release();
        }
    }

    /**
     * The keys are out of the selector: the sockets close for good, and everything that was taken is given back, in an
     * order in which nothing waits for a step that can fail.
     */
    void release() {
        if (!client.isReadyToClose() || (backend != null && !backend.isReadyToClose())) {
            // Closed now, a stream that was cut off would look complete.
            loop.ended(this);
            return;
        }
        CloseReason why = story.reason();
        BackendConnector connecting = connector;
        Route route = connecting == null ? story.route() : null;
        long toBackend = relays == null ? 0 : relays.bytesToBackend();
        long toClient = relays == null ? 0 : relays.bytesToClient();
        loop.connections().remove(this);
        loop.counters().add(LoopCounters.ACTIVE, -1);
        loop.counters().closed(why);
        client.close();
        if (connecting != null) {
            connecting.cancel();
            noteWait();
        } else if (backend != null) {
            backend.close();
        }
        if (route != null) {
            context.guests.ended(loop, route, why, firstToEnd(why), toBackend, toClient);
        }
        context.gate.leave();
        loop.connectionEnded(why);
        story.closed(toBackend, toClient, relays == null ? 0 : relays.firstByteAt());
    }

    private Party firstToEnd(CloseReason why) {
        Party first = relays == null ? Party.BALANCER : relays.firstFinished();
        if (first != Party.BALANCER) {
            return first;
        }
        return why == CloseReason.BACKEND_RESET || why == CloseReason.CLIENT_RESET ? partyOf(why) : Party.BALANCER;
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        if (state != ConnectionState.CLOSED) {
            client.register(fresh);
            if (connector != null) {
                connector.register(fresh);
            } else if (backend != null) {
                backend.register(fresh);
            }
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        if (state != ConnectionState.CLOSED) {
            client.moved(fresh);
            if (connector != null) {
                connector.moved(fresh);
            } else if (backend != null) {
                backend.moved(fresh);
            }
        }
    }

    /** Names the reason the connection will end for; the first one named stays. */
    void blame(CloseReason why, @Nullable Throwable failure) {
        story.blame(
                why, partyOf(why), why == CloseReason.COMPLETED ? ConnectionPhase.FINISHED : state.phase(), failure);
    }

    private Party partyOf(CloseReason why) {
        return switch (why) {
            case CLIENT_RESET -> Party.CLIENT;
            case BACKEND_RESET, CONNECT_FAILED, QUEUE_TIMEOUT -> Party.BACKEND;
            case COMPLETED -> relays == null ? Party.BALANCER : relays.firstFinished();
            default -> Party.BALANCER;
        };
    }

    // ---- odds and ends

    /** How it is now. */
    OpenConnection seen(long now) {
        Route route = story.route();
        RelayPair pair = relays;
        return new OpenConnection(
                story.id(),
                story.clientAddress(),
                route == null ? null : route.backend().id(),
                Duration.ofNanos(now - story.acceptedAt()),
                Duration.ofNanos(now - (pair == null ? story.acceptedAt() : pair.lastActivity())),
                pair == null ? 0 : pair.bytesToBackend(),
                pair == null ? 0 : pair.bytesToClient());
    }

    long id() {
        return story.id();
    }

    EventLoop loop() {
        return loop;
    }

    Limits limits() {
        return limits;
    }

    ConnectionState state() {
        return state;
    }

    @Override
    public InetSocketAddress clientAddress() {
        return story.clientAddress();
    }

    @Override
    public InetSocketAddress listenAddress() {
        return context.listenAddress;
    }

    @Override
    public int attempt() {
        return story.attempts() + 1;
    }

    /** Moves to another state if it is not there and can. */
    void become(ConnectionState next) {
        if (state != next && state.canBecome(next)) {
            moveTo(next);
            if (next == ConnectionState.CLIENT_FINISHED) {
                story.halfClosed(Party.CLIENT);
            } else if (next == ConnectionState.BACKEND_FINISHED) {
                story.halfClosed(Party.BACKEND);
            }
        }
    }

    private void moveTo(ConnectionState next) {
        if (!state.canBecome(next)) {
            throw new IllegalStateException("connection " + story.id() + ": " + state + " -> " + next);
        }
        state = next;
    }

    /** What the engine throws ends this connection and no other. */
    private void fail(Throwable failure) {
        abort(CloseReason.INTERNAL_ERROR, failure);
        loop.failure("connection", failure);
    }
}
