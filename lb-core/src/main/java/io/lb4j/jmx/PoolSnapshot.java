package io.lb4j.jmx;

import io.lb4j.Pool;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import java.util.List;
import java.util.function.Predicate;

/** A view of what the balancer said. JMX wants getters. */
record PoolSnapshot(Pool pool, List<BackendState> states, long waiting) implements PoolView {
    static PoolSnapshot of(Pool pool) {
        return new PoolSnapshot(
                pool, pool.backends().list(), pool.stats().queue().waiting());
    }

    @Override
    public String getName() {
        return pool.name();
    }

    @Override
    public String getSelector() {
        return pool.config().selector().toString();
    }

    @Override
    public int getBackendsUp() {
        return count(status -> status == BackendStatus.UP);
    }

    @Override
    public int getBackendsAll() {
        return count(status -> status != BackendStatus.LEAVING);
    }

    private int count(Predicate<BackendStatus> which) {
        return Math.toIntExact(
                states.stream().map(BackendState::status).filter(which).count());
    }

    @Override
    public long getWaitingConnections() {
        return waiting;
    }
}
