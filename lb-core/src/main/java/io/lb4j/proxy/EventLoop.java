package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.loop.DeadlineQueue;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.loop.ReadyHandler;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.RelayLoop;
import io.lb4j.internal.relay.SocketTableReader;
import io.lb4j.internal.util.SteppedTask;
import io.lb4j.internal.util.Watched;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One thread, one selector, and everything that lives on it: connections, deadlines, counters, the shared read buffer.
 * All of it is confined to the loop's thread; other threads come in through {@link #post} alone.
 */
final class EventLoop implements SteppedTask, LoopSelector.Tenants, RelayLoop {
    /*
     * A turn: select (which also takes cancelled keys out of the selector) -> close what was cancelled before it ->
     * accepting, or whether the acceptor is to accept again -> those whose turn in the line has come -> tasks ->
     * deadlines -> whether the selector is to be replaced.
     *
     * Whatever fails, wherever: the turn after it comes, and what is to happen at a time is in a field or in the queue of
     * deadlines before anything is done that can fail.
     */

    private final ProxyContext context;
    private final LoopSelector selector;
    private final Consumer<DrainResult> onEnd;
    private final LoopMemory memory;
    private final DeadlineQueue deadlines = new DeadlineQueue();
    private final LoopCounters counters = new LoopCounters();
    private final Watched watched;
    private final Inbox inbox;
    private final NextTurn nextTurn = new NextTurn();
    private final Consumer<SelectionKey> onReady = this::ready;
    private final AcceptSide acceptSide;
    private final ConnectionList connections = new ConnectionList();
    private final EndedConnections ended = new EndedConnections(this);
    private final LoopEnd ending = new LoopEnd(this);
    private final BiConsumer<Entrance, DrainResult> onFrontendEnd;

    private Runnable whenAccepted = () -> {};
    private long now;
    private boolean nowIsStale;
    private long nextConnectionId;
    private boolean isOver;

    /** Who is in a turn. Needs no volatile: a thread finds itself here only if it has written it. */
    private @Nullable Thread inTurn;

    /**
     * @param onFrontendEnd is told when this loop has nothing more to do with a frontend
     * @param onEnd is told when it has ended
     */
    EventLoop(
            ProxyContext context,
            int index,
            Consumer<EventLoop> whenNotListening,
            BiConsumer<Entrance, DrainResult> onFrontendEnd,
            Consumer<DrainResult> onEnd)
            throws IOException {
        this.context = context;
        this.onFrontendEnd = onFrontendEnd;
        this.onEnd = onEnd;
        nextConnectionId = index + 1L;
        watched = new Watched(context.log, "all connections of that event loop wait");
        now = context.platform.nanoClock().getAsLong();
        acceptSide = new AcceptSide(this, () -> whenNotListening.accept(this));
        memory = new LoopMemory(context.budget, context.config().eventLoops(), context.platform.sockets());
        selector = new LoopSelector(context.platform.sockets());
        inbox = new Inbox(this, selector);
    }

    // ---- open to every thread

    @Override
    public void post(Runnable task) {
        inbox.post(task);
    }

    /** What others have for it. */
    Inbox inbox() {
        return inbox;
    }

    /** Whether the caller is in a turn of this loop. */
    boolean isLoopThread() {
        return Thread.currentThread() == inTurn;
    }

    LoopCounters counters() {
        return counters;
    }

    /** This loop, as the watch sees it. */
    Watched watched() {
        return watched;
    }

    // ---- the turn

    @Override
    public boolean runOnce() {
        inTurn = Thread.currentThread();
        if (!isOver) {
            turn();
            // Behind everything that can fail: a loop that is to end does.
            isOver = ending.isReached();
        }
        boolean goesOn = !isOver || !end();
        inTurn = null;
        return goesOn;
    }

    private void turn() {
        try {
            select(ended.flush());
            nextTurn.goOn();
            ended.release();
            acceptSide.turn();
            ending.look();
            inbox.empty();
            deadlines.expire(now);
            selector.renewIfDoubtful(this, now);
        } catch (Throwable failure) {
            failure("event loop", failure);
        }
    }

    private void select(boolean atOnce) {
        // An interrupt that somebody left on this thread would make every select return at once.
        Thread.interrupted();
        nowIsStale = true;
        try {
            if (atOnce || ending.isNear() || !inbox.isEmpty() || !nextTurn.isEmpty() || acceptSide.isInAHurry()) {
                selector.selectNow(onReady);
            } else {
                selector.select(onReady, millisToNextDeadline());
            }
        } catch (Throwable failure) {
            selector.doubt(now);
            context.failure("select", failure);
        }
        refreshNow();
        counters.add(LoopCounters.LOOP_TURNS, 1);
    }

    /** What {@link Selector#select(Consumer, long)} takes: 0 waits without end. */
    private long millisToNextDeadline() {
        refreshNow();
        nowIsStale = true;
        long nanos = Math.min(
                deadlines.nanosToNext(now), Math.min(acceptSide.nanosToResume(now), selector.nanosToRenewal(now)));
        return nanos == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1;
    }

    private void ready(SelectionKey key) {
        refreshNow();
        // A key cancelled earlier in this batch still comes up: asking it for its ready operations would throw.
        if (key.isValid() && key.attachment() instanceof ReadyHandler handler) {
            try {
                handler.ready(key.readyOps());
            } catch (Throwable failure) {
                failure("event handler", failure);
            }
        }
    }

    private void refreshNow() {
        if (nowIsStale) {
            now = context.platform.nanoClock().getAsLong();
            nowIsStale = false;
        }
    }

    // ---- for what lives on the loop

    ProxyContext context() {
        return context;
    }

    @Override
    public Selector selector() {
        return selector.current();
    }

    AcceptSide acceptSide() {
        return acceptSide;
    }

    /** It has no connection of that frontend any more, and listens there no more. */
    void frontendEnded(Entrance entrance, DrainResult result) {
        onFrontendEnd.accept(entrance, result);
    }

    /** Before the loop runs: is called after each connection that was accepted. Must not fail. */
    void whenAccepted(Runnable task) {
        whenAccepted = task;
    }

    void accepted() {
        whenAccepted.run();
    }

    @Override
    public void again(Endpoint endpoint) {
        nextTurn.add(endpoint);
    }

    /** Something failed that should not. What lives here goes on; if it was an Error, on another selector. */
    void failure(String where, Throwable failure) {
        if (failure instanceof Error) {
            selector.doubt(now);
        }
        context.failure(where, failure);
    }

    @Override
    public void cancel(@Nullable SelectionKey key) {
        try {
            if (key != null) {
                key.cancel();
            }
        } catch (Throwable failure) {
            failure("cancelling a key", failure);
        }
    }

    @Override
    public void register(Selector fresh) throws IOException {
        acceptSide.register(fresh);
        connections.register(fresh);
    }

    @Override
    public void moved(Selector fresh) {
        acceptSide.moved(fresh);
        connections.moved(fresh);
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public LoopMemory memory() {
        return memory;
    }

    @Override
    public @Nullable SocketTableReader socketTable() {
        return context.socketTable;
    }

    @Override
    public RandomGenerator random() {
        return context.platform.random();
    }

    /** The number of this turn, from its select on; within a select it is the turn's before. */
    long turns() {
        return counters.get(LoopCounters.LOOP_TURNS);
    }

    /** Whether connections have ended whose sockets, and places, the next turn gives back; it comes at once. */
    boolean hasEnded() {
        return ended.isWaiting();
    }

    DeadlineQueue deadlines() {
        return deadlines;
    }

    /** When it ends, and how. */
    LoopEnd ending() {
        return ending;
    }

    ConnectionList connections() {
        return connections;
    }

    /** Closes the connection's sockets when the next select has taken their keys out of the selector. */
    void ended(ProxyConnection connection) {
        ended.add(connection);
    }

    /** Numbers that no other loop of this proxy gives out. */
    long newConnectionId() {
        long id = nextConnectionId;
        nextConnectionId += context.config().eventLoops();
        return id;
    }

    void connectionEnded(Acceptors frontend, CloseReason reason) {
        frontend.connectionEnded(reason);
        if (connections.isEmpty()) {
            memory.release();
        }
        ending.ended(reason);
    }

    // ---- start and end

    /** Frees a loop whose thread was never started. */
    void discard() {
        inbox.close();
        context.platform.watch().remove(watched);
        memory.release();
        selector.close();
    }

    /** Returns whether whoever waits for it has been told; if not, that is tried again. */
    private boolean end() {
        // First the selector: it takes out keys that were cancelled, and with them closes what waits for that.
        discard();
        try {
            acceptSide.ended();
            onEnd.accept(ending.result());
            return true;
        } catch (Throwable failure) {
            context.failure("the end of an event loop", failure);
            return false;
        }
    }
}
