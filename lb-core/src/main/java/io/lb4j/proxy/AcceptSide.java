package io.lb4j.proxy;

import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.MemoryInHand;
import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that accepts on one loop: the frontends, and the descriptor that is in hand for the backend of whoever comes
 * next. Confined to its loop, but for {@link #resumeSoon}.
 */
final class AcceptSide {
    /*
     * A turn costs nothing for a frontend at which nothing happens: what is to be done is known without looking at them.
     * Those at which somebody came are in a list of their own; whether one has paused, and whether one is about to close
     * its sockets, are flags that are true rather too long than too short.
     */
    /** Of all frontends together, so that those who are served already are not kept waiting. */
    static final int ACCEPTS_PER_TURN = 8;

    private final EventLoop loop;
    private final ProxyContext context;
    private final Runnable whenNotListening;

    /** Asked before an accept, after a shortage. */
    private final MemoryInHand memory = new MemoryInHand();

    private Acceptors[] frontends = {};
    private @Nullable SocketChannel reserved;
    private volatile boolean woken;

    /** Somebody wants to be accepted by these, for all the last select knows. */
    private Acceptor[] came = {};

    private int cameCount;

    /** The places of those who ended before somebody came are given back. */
    private boolean hasLetGo;

    /** Whether one may wait to accept again. */
    private boolean isPaused;

    /** Whether a frontend may be about to stop listening, or to go. */
    private boolean isRestless;

    private boolean stopped;
    private boolean toldNotListening;

    /** @param whenNotListening is called once, when all listening sockets are closed for good; must not fail */
    AcceptSide(EventLoop loop, Runnable whenNotListening) {
        this.loop = loop;
        this.context = loop.context();
        this.whenNotListening = whenNotListening;
    }

    /** Serves this one as well. */
    void add(Acceptors frontend) {
        Acceptors[] more = Arrays.copyOf(frontends, frontends.length + 1);
        more[frontends.length] = frontend;
        int acceptors = 0;
        for (Acceptors one : more) {
            acceptors += one.size();
        }
        came = Arrays.copyOf(came, Math.max(acceptors, came.length));
        frontends = more;
        isPaused = true;
    }

    /** This one has ended. */
    void remove(Acceptors frontend) {
        frontends = Arrays.stream(frontends).filter(one -> one != frontend).toArray(Acceptors[]::new);
    }

    /** The frontend as it is on this loop; null when the loop does not serve it. */
    @Nullable
    Acceptors of(Entrance entrance) {
        for (Acceptors frontend : frontends) {
            if (frontend.entrance() == entrance) {
                return frontend;
            }
        }
        return null;
    }

    void each(Consumer<Acceptors> what) {
        for (Acceptors frontend : frontends) {
            what.accept(frontend);
        }
    }

    // ---- open to every thread

    /** Resumes what has paused. Allocates nothing. */
    void resumeSoon() {
        woken = true;
        loop.inbox().wakeUp();
    }

    // ---- what acceptors say

    void somebodyCame(Acceptor acceptor) {
        if (!acceptor.somebodyCame) {
            acceptor.somebodyCame = true;
            came[cameCount++] = acceptor;
        }
    }

    void somethingPaused() {
        isPaused = true;
    }

    void somethingEnds() {
        isRestless = true;
    }

    // ---- the turn

    /** Whether the loop must not wait. */
    boolean isInAHurry() {
        return isRestless || woken;
    }

    /** Nanoseconds from {@code now} to when something resumes by itself; the maximum when nothing does. */
    long nanosToResume(long now) {
        long nanos = Long.MAX_VALUE;
        if (isPaused) {
            for (Acceptors frontend : frontends) {
                nanos = Math.min(nanos, frontend.nanosToResume(now));
            }
        }
        return nanos;
    }

    /** In each turn of the loop, after sockets were closed: accepts who came, and sees to it that it goes on. */
    void turn() {
        if (isRestless) {
            notListeningAnyMore();
        }
        acceptWhoCame();
        boolean wanted = woken;
        if (wanted) {
            // Not otherwise: it may have been woken since it was asked.
            woken = false;
        }
        if (wanted || isPaused) {
            resume(wanted);
        }
        if (isRestless) {
            end();
        }
    }

    /**
     * Those whose end came before somebody who comes now are to make room for him: what has ended in this turn is given
     * back in the next one, so that is waited for, once.
     */
    private void acceptWhoCame() {
        if (cameCount > 0 && (hasLetGo || !loop.hasEnded())) {
            int count = cameCount;
            int each = Math.max(1, ACCEPTS_PER_TURN / count);
            cameCount = 0;
            hasLetGo = false;
            for (int i = 0; i < count; i++) {
                came[i].somebodyCame = false;
                came[i].acceptWhoCame(each);
            }
        } else {
            hasLetGo = cameCount > 0;
        }
    }

    private void resume(boolean wanted) {
        boolean more = false;
        for (Acceptors frontend : frontends) {
            more |= frontend.resumeIfWanted(wanted);
        }
        isPaused = more;
    }

    private void notListeningAnyMore() {
        for (Acceptors frontend : frontends) {
            frontend.closedInAnEarlierTurn();
        }
        if (stopped && !toldNotListening && areNotListening()) {
            toldNotListening = true;
            whenNotListening.run();
        }
    }

    private void end() {
        boolean more = false;
        for (Acceptors frontend : frontends) {
            more |= frontend.step();
        }
        isRestless = more || (stopped && !toldNotListening);
    }

    // ---- the descriptor in hand

    /** Accepts one, with the descriptor for his backend in hand: see {@link #takeReserved}. Null when nobody is there. */
    @Nullable
    SocketChannel accept(ServerSocketChannel listener) throws IOException {
        return context.gate.isShort(loop.now()) ? acceptWithCare(listener) : acceptOne(listener);
    }

    private @Nullable SocketChannel acceptOne(ServerSocketChannel listener) throws IOException {
        // What the connection will need comes first: a client is not accepted for want of it.
        loop.memory().prepare();
        if (reserved == null) {
            reserved = context.platform.sockets().openSocketChannel(context.reserveFamily);
        }
        return listener.accept();
    }

    /** Takes both descriptors or none, and only if there is memory for what the JDK makes of them: it would lose them. */
    private @Nullable SocketChannel acceptWithCare(ServerSocketChannel listener) throws IOException {
        synchronized (context.gate.oneAtATime) {
            SocketChannel client = null;
            try {
                memory.take();
                client = acceptOne(listener);
                return client;
            } finally {
                if (client == null) {
                    dropReserved();
                }
            }
        }
    }

    /** The descriptor in hand is the caller's. */
    @Nullable
    SocketChannel takeReserved() {
        SocketChannel taken = reserved;
        reserved = null;
        return taken;
    }

    void dropReserved() {
        Closing.quietly(reserved);
        reserved = null;
    }

    // ---- the end

    /** Accepts who waits in the backlogs, as far as the connection limit allows; then closes the listening sockets. */
    void stop() {
        stopped = true;
        isRestless = true;
        for (Acceptors frontend : frontends) {
            frontend.stop();
        }
    }

    /** Closes the listening sockets. Who waits in the backlogs is reset. */
    void close() {
        stopped = true;
        isRestless = true;
        for (Acceptors frontend : frontends) {
            frontend.close();
        }
    }

    /** Whether nobody is accepted any more. */
    boolean areClosed() {
        for (Acceptors frontend : frontends) {
            if (!frontend.isClosed()) {
                return false;
            }
        }
        return true;
    }

    private boolean areNotListening() {
        for (Acceptors frontend : frontends) {
            if (!frontend.isNotListening()) {
                return false;
            }
        }
        return true;
    }

    /** The loop has ended, and its selector with it. */
    void ended() {
        close();
        notListeningAnyMore();
        for (Acceptors frontend : frontends) {
            frontend.ended();
        }
    }

    /** The loop does not run after all; the listening sockets are somebody else's. */
    void forget() {
        for (Acceptors frontend : frontends) {
            frontend.entrance().neverBegan(frontend.counters());
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        for (Acceptors frontend : frontends) {
            frontend.register(fresh);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        for (Acceptors frontend : frontends) {
            frontend.moved(fresh);
        }
    }
}
