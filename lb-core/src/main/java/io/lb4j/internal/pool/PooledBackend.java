package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidate;
import io.lb4j.stats.BackendStats;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A backend's place in the pool: what selectors choose, where connections go, and its live figures. Written by every
 * loop, a few times for each connection and never for a chunk.
 */
final class PooledBackend implements Candidate, Route {
    private final Backend backend;
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong connectFailures = new AtomicLong();
    private final AtomicLong bytesToBackend = new AtomicLong();
    private final AtomicLong bytesToClient = new AtomicLong();

    PooledBackend(Backend backend) {
        this.backend = backend;
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public int activeConnections() {
        return active.get();
    }

    @Override
    public void connecting() {
        active.incrementAndGet();
    }

    @Override
    public void connected(long nanos) {
        connections.incrementAndGet();
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
                active.get(), connections.get(), connectFailures.get(), bytesToBackend.get(), bytesToClient.get());
    }

    @Override
    public String toString() {
        return backend.toString();
    }
}
