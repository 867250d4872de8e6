package io.lb4j.proxy;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets connections in, over all loops of a proxy: the connection limit, and the waking of acceptors that paused at the
 * limit or for want of descriptors. Thread-safe.
 */
final class AcceptGate {
    static final int UNLIMITED = Integer.MAX_VALUE;

    private volatile int limit;
    /** After descriptors ran out, loops take them one after another for this long. */
    private static final long CAUTION = TimeUnit.SECONDS.toNanos(10);

    /** Held while a loop takes the two descriptors of a connection, as long as there is a shortage. */
    final Object oneAtATime = new Object();

    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean somebodyPaused;
    private volatile boolean wasShort;
    private volatile long cautionUntil;
    private volatile AcceptSide[] acceptors = {};

    /** A gate for this many connections. */
    AcceptGate(int limit) {
        this.limit = limit;
    }

    /** One more who may pause. */
    synchronized void add(AcceptSide acceptor) {
        AcceptSide[] more = Arrays.copyOf(acceptors, acceptors.length + 1);
        more[acceptors.length] = acceptor;
        acceptors = more;
    }

    /** One fewer. */
    synchronized void remove(AcceptSide acceptor) {
        acceptors = Arrays.stream(acceptors).filter(one -> one != acceptor).toArray(AcceptSide[]::new);
    }

    boolean tryEnter() {
        for (int now = inside.get(); now < limit; now = inside.get()) {
            if (inside.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A place taken by {@link #tryEnter} was not used for want of something else. Wakes nobody: those who wait would
     * want for it as well, and wake each other for ever. The caller tries again by itself.
     */
    void giveBack() {
        inside.decrementAndGet();
    }

    boolean isFull() {
        return inside.get() >= limit;
    }

    /** A connection has ended and its descriptors are closed, or there was nobody to let in. Allocates nothing. */
    void leave() {
        giveBack();
        wakeThePaused();
    }

    /** Descriptors ran out. */
    void ranShort(long now) {
        cautionUntil = now + CAUTION;
        wasShort = true;
    }

    /**
     * Whether loops have to take descriptors one after another: of the two that a connection gives back, two loops that
     * take one each would both go without, and their clients with them.
     */
    boolean isShort(long now) {
        return wasShort && now - cautionUntil < 0;
    }

    /** Lets this many in from now on. Those who are inside stay. */
    void limit(int changed) {
        limit = changed;
        wakeThePaused();
    }

    private void wakeThePaused() {
        if (somebodyPaused) {
            somebodyPaused = false;
            for (AcceptSide acceptor : acceptors) {
                resume(acceptor);
            }
        }
    }

    private static void resume(AcceptSide acceptor) {
        try {
            acceptor.resumeSoon();
        } catch (RuntimeException | Error exhausted) {
            // It is woken all the same, in the next turn of its loop, for which it has a time.
            return;
        }
    }

    /** The next {@link #leave} wakes every acceptor. The caller must try once more after this, or it could miss it. */
    void wakeMeOnLeave() {
        somebodyPaused = true;
    }
}
