package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.LoopSelector;
import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.List;

/** One frontend on one loop, from the first turn until its last connection has ended. Confined to its loop. */
final class Acceptors {
    /*
     * A drain first accepts who waits in the backlog, a few in each turn, so that those who are served already do not
     * wait for it; then it closes the listening sockets. The port is free when the select after that has taken them out
     * of the selector: only then are those told who wait for it.
     */
    private enum Stage {
        LISTENING,
        EMPTYING,
        CLOSED,
        NOT_LISTENING
    }

    private final EventLoop loop;
    private final Entrance entrance;
    private final LoopCounters counters;
    private Acceptor[] all = {};
    private Stage stage = Stage.LISTENING;

    /** The frontend ends, and the loop goes on. */
    private boolean draining;

    private final Drain drain;
    private boolean hasEnded;

    Acceptors(EventLoop loop, Entrance entrance) {
        this.loop = loop;
        this.entrance = entrance;
        counters = entrance.newCounters();
        drain = new Drain(loop, this);
    }

    Entrance entrance() {
        return entrance;
    }

    /** What its connections amount to. */
    LoopCounters counters() {
        return counters;
    }

    /** Before it is handed to its loop, or on it: accepts at the socket of this number, of each port. */
    void add(int index) {
        for (Port port : entrance.ports()) {
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = new Acceptor(loop, this, port, port.hasOneFor(index) ? index : 0);
        }
    }

    /** The sockets of this number are another loop's from now on. */
    void leave(int index) {
        for (Acceptor acceptor : all) {
            if (acceptor.isOf(index)) {
                acceptor.leave();
            }
        }
        all = Arrays.stream(all).filter(one -> !one.isOf(index)).toArray(Acceptor[]::new);
    }

    int size() {
        return all.length;
    }

    // ---- in each turn

    long nanosToResume(long now) {
        long nanos = Long.MAX_VALUE;
        for (Acceptor acceptor : all) {
            nanos = Math.min(nanos, acceptor.nanosToResume(now));
        }
        return nanos;
    }

    /** Returns whether one of them waits on. */
    boolean resumeIfWanted(boolean woken) {
        boolean more = false;
        for (Acceptor acceptor : all) {
            acceptor.resumeIfWanted(woken);
            more |= acceptor.isToResume();
        }
        return more;
    }

    /** A select has taken what was closed out of the selector. */
    void closedInAnEarlierTurn() {
        if (stage == Stage.CLOSED) {
            stage = Stage.NOT_LISTENING;
            entrance.loopNotListening();
        }
    }

    /** Goes on with its end. Returns whether there is more to do. */
    boolean step() {
        if (stage == Stage.EMPTYING) {
            empty();
        }
        if (draining && stage == Stage.NOT_LISTENING && !hasConnections()) {
            ended();
        }
        return stage == Stage.EMPTYING || stage == Stage.CLOSED;
    }

    // ---- the port, closed for the time being

    /** Closes the listening sockets for the time being. */
    void shut() {
        for (Acceptor acceptor : all) {
            acceptor.shut();
        }
    }

    /** These are open, for each port, in the place of those that were shut. */
    void listen(List<List<ServerSocketChannel>> fresh) {
        for (Acceptor acceptor : all) {
            acceptor.listen(fresh.get(entrance.ports().indexOf(acceptor.port())));
        }
    }

    // ---- the end

    /** Accepts who waits in the backlog, as far as the connection limit allows; then closes the listening sockets. */
    void stop() {
        if (stage == Stage.LISTENING) {
            stage = Stage.EMPTYING;
            loop.acceptSide().somethingEnds();
            empty();
        }
    }

    private void empty() {
        boolean more = false;
        for (Acceptor acceptor : all) {
            more |= acceptor.acceptWaiting();
        }
        if (!more) {
            close();
        }
    }

    /** Closes the listening sockets. Who waits in the backlog is reset. */
    void close() {
        if (!isClosed()) {
            stage = Stage.CLOSED;
            loop.acceptSide().somethingEnds();
            for (Acceptor acceptor : all) {
                acceptor.close();
            }
        }
    }

    /** Whether nobody is accepted any more. */
    boolean isClosed() {
        return stage == Stage.CLOSED || stage == Stage.NOT_LISTENING;
    }

    /** Whether its ports are free, for all that this loop has to do with it. */
    boolean isNotListening() {
        return stage == Stage.NOT_LISTENING;
    }

    /** It ends, and the loop goes on: see {@link Drain}. */
    void drain(long deadline, long spread) {
        draining = true;
        stop();
        drain.set(deadline, spread);
        loop.acceptSide().somethingEnds();
    }

    void connectionEnded(CloseReason reason) {
        if (draining) {
            drain.ended(reason);
            loop.acceptSide().somethingEnds();
        }
    }

    private boolean hasConnections() {
        return counters.get(LoopCounters.ACTIVE) > 0;
    }

    /** It has no connection any more, or the loop has ended. When it throws, it is to be called again. */
    void ended() {
        close();
        closedInAnEarlierTurn();
        loop.deadlines().cancel(drain);
        if (!hasEnded) {
            loop.frontendEnded(entrance, drain.result());
            hasEnded = true;
        }
        loop.acceptSide().remove(this);
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        for (Acceptor acceptor : all) {
            acceptor.register(fresh);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        for (Acceptor acceptor : all) {
            acceptor.moved(fresh);
        }
    }
}
