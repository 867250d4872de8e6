package io.lb4j.selection;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Indexes into the eligible list with a counter. Advancing until a healthy backend is met would double the load of the
 * one behind a dead one; so would serving further attempts from the same counter, which is why they have their own.
 */
final class RoundRobinSelector implements BackendSelector {
    private final AtomicInteger picks;
    private final AtomicInteger retries = new AtomicInteger();
    private final SmoothRotation warmingUp = new SmoothRotation(Candidates::warmUpPercent);

    /** A rotation that begins somewhere: at the first backend if {@code start} is 0. */
    RoundRobinSelector(int start) {
        picks = new AtomicInteger(start);
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        if (candidates.isWarmingUp()) {
            return candidates.get(warmingUp.next(candidates));
        }
        AtomicInteger turn = connection.attempt() == 1 ? picks : retries;
        return candidates.get(Integer.remainderUnsigned(turn.getAndIncrement(), candidates.size()));
    }

    @Override
    public String toString() {
        return "roundRobin";
    }
}
