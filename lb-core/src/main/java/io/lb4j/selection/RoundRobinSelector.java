package io.lb4j.selection;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Indexes into the whole list with a counter. Advancing until one is met that is not full or dead would double the load
 * of the one behind it; so would serving these turns, and further attempts, from the same counter: they have their own.
 */
final class RoundRobinSelector implements BackendSelector {
    private static final int WHOLE_SHARE = 100;

    private final AtomicInteger picks;
    private final AtomicInteger others = new AtomicInteger();
    private final SmoothRotation warmingUp = new SmoothRotation(Candidates::warmUpPercent);
    private final GoldenSteps warmingUpOthers = new GoldenSteps();

    /** A rotation that begins somewhere: at the first backend if {@code start} is 0. */
    RoundRobinSelector(int start) {
        picks = new AtomicInteger(start);
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        Candidates whole = candidates.whole();
        int turn = connection.attempt() == 1 ? turn(whole) : SmoothRotation.NOBODY;
        return turn < 0 || candidates.isMissing(turn) ? another(candidates) : whole.get(turn);
    }

    private int turn(Candidates whole) {
        return whole.isWarmingUp() ? warmingUp.next(whole) : next(picks, whole.size());
    }

    private Candidate another(Candidates candidates) {
        if (!candidates.isWarmingUp()) {
            return candidates.get(next(others, candidates.size()));
        }
        // Every point of somebody's stretch is even; those beyond its share count for nobody.
        while (true) {
            long point = warmingUpOthers.next((long) candidates.size() * WHOLE_SHARE);
            int index = (int) (point / WHOLE_SHARE);
            if (point % WHOLE_SHARE < candidates.warmUpPercent(index)) {
                return candidates.get(index);
            }
        }
    }

    private static int next(AtomicInteger counter, int size) {
        return Integer.remainderUnsigned(counter.getAndIncrement(), size);
    }

    @Override
    public String toString() {
        return "roundRobin";
    }
}
