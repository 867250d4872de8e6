package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidate;
import io.lb4j.stats.BackendStats;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A backend's place in the pool: what selectors choose, where connections go, and its live figures. Written by every
 * loop, a few times for each connection and never for a chunk.
 */
final class PooledBackend implements Candidate, Route {
    /** Set in {@link #active} when the backend takes no connection any more. The bits below count. */
    private static final long CLOSED = Long.MIN_VALUE;

    private final AtomicLong active = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong connectFailures = new AtomicLong();
    private final AtomicLong bytesToBackend = new AtomicLong();
    private final AtomicLong bytesToClient = new AtomicLong();
    private final ConnectTime connectTime;
    private volatile Backend backend;
    private volatile int limit;

    PooledBackend(Backend backend, LongSupplier nanoClock) {
        this.backend = backend;
        limit = backend.maxConnections().orElse(Integer.MAX_VALUE);
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

    boolean isFull() {
        return activeConnections() >= limit;
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
        return true;
    }

    /** From when this returns, no connection is counted any more but those that are. */
    void close() {
        active.getAndUpdate(before -> before | CLOSED);
    }

    /** What it is called, weighs and may have from now on; host and port stay. */
    void become(Backend changed) {
        backend = changed;
        limit = changed.maxConnections().orElse(Integer.MAX_VALUE);
    }

    @Override
    public void connected(long nanos) {
        connections.incrementAndGet();
        connectTime.add(nanos);
    }

    @Override
    public void connectFailed(Throwable cause) {
        connectFailures.incrementAndGet();
    }

    @Override
    public void released(long toBackend, long toClient) {
        active.decrementAndGet();
        bytesToBackend.addAndGet(toBackend);
        bytesToClient.addAndGet(toClient);
    }

    BackendStats stats() {
        return new BackendStats(
                activeConnections(),
                connections.get(),
                connectFailures.get(),
                bytesToBackend.get(),
                bytesToClient.get());
    }

    @Override
    public String toString() {
        return backend.toString();
    }
}
