package io.lb4j.selection;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Indexes into the eligible list with a counter. Advancing until a healthy backend is met would double the load of the
 * one behind a dead one; so would serving further attempts from the same counter, which is why they have their own.
 */
final class RoundRobinSelector implements BackendSelector {
    private final AtomicInteger picks = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        AtomicInteger turn = connection.attempt() == 1 ? picks : retries;
        return candidates.get(Integer.remainderUnsigned(turn.getAndIncrement(), candidates.size()));
    }

    @Override
    public String toString() {
        return "roundRobin";
    }
}
