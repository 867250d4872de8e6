package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.relay.ConnectionState;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.Limits;
import io.lb4j.internal.relay.Phase;
import io.lb4j.internal.relay.Relayed;
import io.lb4j.internal.relay.Relaying;
import io.lb4j.internal.relay.Throttles;
import io.lb4j.stats.OpenConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A client's connection and the backend's, from accepted to closed. Confined to the loop that accepted it. */
final class ProxyConnection extends ConnectionLinks implements Relayed {
    private final EventLoop loop;
    private final Acceptor acceptor;
    private final Endpoint client;
    private final ConnectionStory story;
    private final Limits limits;

    /** As long as it is not known who the client is, he is not counted. */
    private ClientPlace place;

    private ConnectionState state;

    /** It owns the route and the backend's socket, so that both change hands by one store. */
    private Phase phase;

    /** Whoever makes it owns what it is made of until it is {@linkplain #accepted accepted}. */
    ProxyConnection(
            Acceptor acceptor,
            EventLoop loop,
            SocketChannel channel,
            InetSocketAddress address,
            SocketChannel reserved,
            ClientPlace place,
            @Nullable Arrivals arrivals,
            @Nullable Chunk inHand) {
        this.loop = loop;
        this.acceptor = acceptor;
        this.place = place;
        client = Arrivals.endpoint(arrivals, this, channel);
        story = new ConnectionStory(loop, acceptor, address);
        limits = acceptor.entrance().limits();
        if (arrivals == null) {
            state = ConnectionState.CONNECTING;
            phase = new BackendConnector(this, reserved);
            client.hold(inHand);
        } else {
            state = ConnectionState.ARRIVING;
            phase = new Arrival(this, client, arrivals, reserved, inHand);
        }
    }

    // ---- 1. accepted

    /** It lives from here on, and owns what it was made of. Does not fail. */
    void accepted() {
        loop.connections().add(this);
        try {
            phase.begin();
            scheduleDeadline();
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** It is known who the client is, and how he is counted. */
    void count(ClientPlace fresh) {
        place = fresh;
    }

    /** He has said what he had to: a backend is found for him. What the arrival owns is the connector's from now on. */
    void arrived(BackendConnector connector) {
        phase = connector;
        moveTo(ConnectionState.CONNECTING);
    }

    /** Turns the client away. */
    void refuse(CloseReason why, @Nullable Throwable cause) {
        loop.context().refused(why, cause);
        abort(why, cause);
    }

    Endpoint client() {
        return client;
    }

    /** What the client's socket waits for while there is no backend. */
    void listenToClient(int ops) throws IOException {
        client.interest(loop.selector(), ops);
    }

    // ---- 2. connected, or not

    /** The connector has a backend: relaying begins. */
    void connected(BackendConnector connector, Route chosen, Endpoint backend, long nanos) throws IOException {
        if (!Preamble.isReady(chosen, this, client, backend)) {
            return;
        }
        InetSocketAddress address = loop.context().guests.areListening() ? backend.remoteAddress() : null;
        Throttles throttles =
                entrance().admittance().throttles(place, loop.context().bandwidth(), loop.now());
        Relaying relaying = new Relaying(this, client, backend, throttles);
        story.waited(connector.waited());
        story.routed(chosen);
        phase = relaying;
        connector.handedOver();
        counters().connected(nanos);
        loop.context().guests.connected(loop, chosen, nanos);
        moveTo(ConnectionState.RELAYING);
        story.opened(chosen, address, nanos);
        relaying.begin();
    }

    // ---- 3. what happens

    @Override
    public void ready(Endpoint endpoint, int readyOps) {
        try {
            if (state != ConnectionState.CLOSED) {
                phase.ready(endpoint, readyOps);
                scheduleDeadline();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    @Override
    public void expired(long now) {
        try {
            if (state != ConnectionState.CLOSED) {
                phase.expired(now);
                scheduleDeadline();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    @Override
    public void timedOut(CloseReason reason, Party by) {
        if (state != ConnectionState.CLOSED) {
            story.blame(reason, by, state.phase(), null);
            abortAsBlamed();
        }
    }

    @Override
    public void guarded(Step step) {
        try {
            if (state != ConnectionState.CLOSED) {
                step.run();
                scheduleDeadline();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** Sees to it that {@link #expired} is called in time. */
    private void scheduleDeadline() {
        if (state != ConnectionState.CLOSED) {
            loop.deadlines().scheduleBy(this, phase.wakeAt());
        }
    }

    // ---- 4. the end

    @Override
    public void abort(CloseReason why, @Nullable Throwable failure) {
        if (state != ConnectionState.CLOSED) {
            client.resetOnClose();
            phase.resetOnClose();
            close(why, failure);
        }
    }

    /**
     * Takes the connection off a route: resets it, or, while it is being connected, has another route tried. Returns
     * whether it was reset.
     */
    boolean leave(Route left, CloseReason why) {
        boolean relays = story.route() == left && state != ConnectionState.CLOSED;
        if (relays) {
            abort(why, null);
        } else {
            leaveAttempt(left, true);
        }
        return relays;
    }

    /**
     * If it is being connected by this route, another one is tried instead.
     *
     * @param inAnyCase or only if there is another one for it
     */
    void leaveAttempt(Route left, boolean inAnyCase) {
        try {
            if (state != ConnectionState.CLOSED && phase instanceof BackendConnector connector) {
                connector.leave(left, inAnyCase);
                scheduleDeadline();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    @Override
    public void close(CloseReason why, @Nullable Throwable failure) {
        blame(why, failure);
        moveTo(ConnectionState.CLOSED);
        // Before anything else, and without allocating: the sockets will be closed, and the rest is given back with
        // them; but for what is held, which is given back before a key is cancelled.
        loop.ended(this);
        loop.deadlines().cancel(this);
        phase.end();
        client.cancel();
    }

    /**
     * The keys are out of the selector: the sockets close for good, and everything that was taken is given back, in an
     * order in which nothing waits for a step that can fail.
     */
    void release() {
        if (!client.isReadyToClose() || !phase.isReadyToClose()) {
            // Closed now, a stream that was cut off would look complete.
            loop.ended(this);
            return;
        }
        CloseReason why = story.reason();
        loop.connections().remove(this);
        counters().add(LoopCounters.ACTIVE, -1);
        counters().closed(why);
        client.close();
        phase.close(why);
        place.leave(loop.now());
        loop.context().gate.leave();
        loop.connectionEnded(acceptor.frontend(), why);
        story.closed(phase.bytesToBackend(), phase.bytesToClient(), phase.firstByteAt());
    }

    @Override
    public void routeEnded(CloseReason why) {
        story.routeEnded(why, phase);
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        if (state != ConnectionState.CLOSED) {
            client.register(fresh);
            phase.register(fresh);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        if (state != ConnectionState.CLOSED) {
            client.moved(fresh);
            phase.moved(fresh);
        }
    }

    @Override
    public void blame(CloseReason why, @Nullable Throwable failure) {
        ConnectionPhase when = why == CloseReason.COMPLETED ? ConnectionPhase.FINISHED : state.phase();
        story.blame(why, ConnectionStory.by(why, phase.firstFinished()), when, failure);
    }

    /** How it is now. */
    OpenConnection seen(long now) {
        return story.seen(phase, now);
    }

    /** What is known and told of it. */
    ConnectionStory story() {
        return story;
    }

    @Override
    public long acceptedAt() {
        return story.acceptedAt();
    }

    Acceptors ofFrontend() {
        return acceptor.frontend();
    }

    @Override
    public LoopCounters counters() {
        return acceptor.frontend().counters();
    }

    /** Where its frontend's connections go. */
    Entrance entrance() {
        return acceptor.entrance();
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public ConnectionState state() {
        return state;
    }

    @Override
    public void become(ConnectionState next) {
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
