package io.lb4j.proxy;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.List;

/** The acceptors of one loop, from the first turn until nobody listens any more. Confined to its loop. */
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

    private final AcceptGate gate;
    private final Runnable whenNotListening;
    private Acceptor[] all = {};
    private Stage stage = Stage.LISTENING;

    /** @param whenNotListening is called once, when the listening sockets of this loop are closed; must not fail */
    Acceptors(AcceptGate gate, Runnable whenNotListening) {
        this.gate = gate;
        this.whenNotListening = whenNotListening;
    }

    void add(Acceptor acceptor) {
        gate.add(acceptor);
        all = Arrays.copyOf(all, all.length + 1);
        all[all.length - 1] = acceptor;
    }

    /** Accepts there no more; the listening socket is another loop's. */
    void remove(Acceptor acceptor) {
        acceptor.leave();
        all = Arrays.stream(all).filter(one -> one != acceptor).toArray(Acceptor[]::new);
        gate.remove(acceptor);
    }

    /** The loop does not run after all; the listening sockets are somebody else's. */
    void forget() {
        for (Acceptor acceptor : all) {
            gate.remove(acceptor);
        }
    }

    /** Whether the loop must not wait. */
    boolean isInAHurry() {
        if (stage == Stage.EMPTYING || stage == Stage.CLOSED) {
            return true;
        }
        for (Acceptor acceptor : all) {
            if (acceptor.isWoken()) {
                return true;
            }
        }
        return false;
    }

    /** Nanoseconds from {@code now} to when one resumes by itself; the maximum when none does. */
    long nanosToResume(long now) {
        long nanos = Long.MAX_VALUE;
        for (Acceptor acceptor : all) {
            nanos = Math.min(nanos, acceptor.nanosToResume(now));
        }
        return nanos;
    }

    /** In each turn of the loop, after its select. */
    void turn() {
        if (stage == Stage.CLOSED) {
            notListening();
        }
        for (Acceptor acceptor : all) {
            acceptor.turn();
        }
        if (stage == Stage.EMPTYING) {
            empty();
        }
    }

    /** Accepts who waits in the backlog, as far as the connection limit allows; then closes the listening sockets. */
    void stop() {
        if (stage == Stage.LISTENING) {
            stage = Stage.EMPTYING;
            empty();
        }
    }

    /** Closes the listening sockets for the time being. */
    void shut() {
        for (Acceptor acceptor : all) {
            acceptor.shut();
        }
    }

    /** These are open in the place of those that were shut. */
    void listen(List<ServerSocketChannel> fresh) {
        for (Acceptor acceptor : all) {
            acceptor.listen(fresh);
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

    /** Whether nobody is accepted any more. */
    boolean areClosed() {
        return stage == Stage.CLOSED || stage == Stage.NOT_LISTENING;
    }

    /** Closes the listening sockets. Who waits in the backlog is reset. */
    void close() {
        if (!areClosed()) {
            stage = Stage.CLOSED;
            for (Acceptor acceptor : all) {
                acceptor.close();
            }
        }
    }

    /** The loop has ended, and its selector with it. */
    void ended() {
        close();
        if (stage == Stage.CLOSED) {
            notListening();
        }
    }

    private void notListening() {
        stage = Stage.NOT_LISTENING;
        whenNotListening.run();
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
