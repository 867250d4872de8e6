package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidate;
import io.lb4j.stats.BackendStats;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A backend's place in the pool: what selectors choose, where connections go, what is checked, and its live figures.
 * Written by every loop, a few times for each connection and never for a chunk.
 */
final class PooledBackend implements Candidate, Route, CheckedBackend {
    /** Is told, on event loops, what happens to a backend. */
    interface Observer {
        /** So many attempts in a row failed at the backend. */
        void connectsFailed(PooledBackend backend, int inARow, Throwable cause);

        /** So many connections in a row were reset by the backend before it had sent a byte. */
        void resetEarly(PooledBackend backend, int inARow);

        /** So many connections in a row were ended by the backend before it had sent a byte. */
        void endedEarly(PooledBackend backend, int inARow);

        /** It has come to its limit of connections, or has room again. */
        void limitCrossed(PooledBackend backend);

        /** It has a limit, and one connection less. */
        void roomGained();

        /** It takes no connection any more, and its last one has ended. */
        void closedAndIdle(PooledBackend backend);
    }

    /** Set in {@link #active} while the backend takes no connection. The bits below count. */
    private static final long CLOSED = Long.MIN_VALUE;

    private static final int UNLIMITED = Integer.MAX_VALUE;

    private final Observer observer;
    private final AtomicLong active = new AtomicLong();
    private final AtomicInteger failedConnects = new AtomicInteger();
    private final AtomicInteger earlyResets = new AtomicInteger();
    private final AtomicInteger earlyEnds = new AtomicInteger();
    private final BackendCounters counters = new BackendCounters();
    private final ConnectTime connectTime;
    private volatile Backend backend;
    private volatile int limit;

    /** An operator's word, which outlives lists; null while there is none. Guarded by the pool's lock. */
    private @Nullable Integer keptWeight;

    /** Where it was found last in a list of candidates. Not volatile: a hint, of use also when it is wrong. */
    private int lastIndex;

    PooledBackend(Backend backend, Observer observer, LongSupplier nanoClock) {
        this.backend = backend;
        this.observer = observer;
        limit = backend.maxConnections().orElse(UNLIMITED);
        connectTime = new ConnectTime(nanoClock);
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public int activeConnections() {
        return (int) active.get();
    }

    @Override
    public long connectTimeNanos() {
        return connectTime.nanos();
    }

    /**
     * Where it is in a list; -1 when it is not there. Looked for from where it was last, in both directions: from one
     * list to the next it moves by the few that have come and gone before it.
     */
    int indexIn(PooledBackend[] list) {
        int start = lastIndex;
        int steps = Math.max(start + 1, list.length - start);
        for (int i = 0; i < steps; i++) {
            int found = isAt(start - i, list) ? start - i : isAt(start + i, list) ? start + i : -1;
            if (found >= 0) {
                if (found != start) {
                    lastIndex = found;
                }
                return found;
            }
        }
        return -1;
    }

    /** It has this index in the next list. */
    void expectAt(int index) {
        lastIndex = index;
    }

    private boolean isAt(int index, PooledBackend[] list) {
        return index >= 0 && index < list.length && list[index] == this;
    }

    boolean isFull() {
        return activeConnections() >= limit;
    }

    /** How many connections it could take now. */
    int room() {
        return Math.max(0, limit - activeConnections());
    }

    /** Counts one more connection, unless it is at its limit or closed: exactly, whatever other loops do meanwhile. */
    boolean reserve() {
        long before;
        do {
            before = active.get();
            if (before < 0 || before >= limit) {
                return false;
            }
        } while (!active.compareAndSet(before, before + 1));
        counters.attempted();
        if (before + 1 == limit) {
            observer.limitCrossed(this);
        }
        return true;
    }

    /** What {@link #reserve} took is not used. */
    void giveBack() {
        counters.notAttempted();
        released();
    }

    /** From when this returns, no connection is counted any more but those that are. Returns how many those are. */
    int close() {
        return (int) active.getAndUpdate(before -> before | CLOSED);
    }

    /** It takes connections again, on these terms. */
    void open(Backend told) {
        become(told);
        open();
    }

    void open() {
        active.getAndUpdate(before -> before & ~CLOSED);
    }

    /** What it is called, weighs and may have from now on; host and port stay. */
    void become(Backend changed) {
        backend = changed;
        limit = changed.maxConnections().orElse(UNLIMITED);
    }

    /** From now on it weighs this, whatever a list says. */
    void keepWeight(int weight) {
        keptWeight = weight;
    }

    void forgetWeight() {
        keptWeight = null;
    }

    /** What a list says of it, but for what an operator said. */
    Backend withKeptWeight(Backend listed) {
        return keptWeight == null ? listed : listed.withWeight(keptWeight);
    }

    /** What went wrong so far counts no more. */
    void forgetFailures() {
        failedConnects.set(0);
        earlyResets.set(0);
        earlyEnds.set(0);
    }

    @Override
    public void connected(long nanos) {
        counters.connected(nanos);
        connectTime.add(nanos);
        clear(failedConnects);
    }

    @Override
    public void connectFailed(Throwable cause) {
        counters.connectFailed(cause);
        observer.connectsFailed(this, failedConnects.incrementAndGet(), cause);
    }

    @Override
    public void ended(CloseReason reason, Party firstToEnd, long toBackend, long toClient) {
        counters.ended(reason, toBackend, toClient);
        if (toClient > 0) {
            clear(earlyResets);
            clear(earlyEnds);
            return;
        }
        if (reason == CloseReason.BACKEND_RESET
                || reason == CloseReason.BACKEND_TRUNCATED
                || reason == CloseReason.BACKEND_TLS_FAILED) {
            observer.resetEarly(this, earlyResets.incrementAndGet());
        }
        if (firstToEnd == Party.BACKEND) {
            observer.endedEarly(this, earlyEnds.incrementAndGet());
        }
    }

    @Override
    public void released() {
        long left = active.decrementAndGet();
        int most = limit;
        if ((int) left == most - 1) {
            observer.limitCrossed(this);
        }
        if (most != UNLIMITED) {
            observer.roomGained();
        }
        if (left == CLOSED) {
            observer.closedAndIdle(this);
        }
    }

    /** Read first: it is nearly always 0, and writing would take the cache line from the other loops. */
    private static void clear(AtomicInteger counter) {
        if (counter.get() != 0) {
            counter.set(0);
        }
    }

    BackendCounters counters() {
        return counters;
    }

    BackendStats stats() {
        return counters.stats(activeConnections());
    }

    @Override
    public String toString() {
        return backend.toString();
    }
}
