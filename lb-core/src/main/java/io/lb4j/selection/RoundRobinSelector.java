package io.lb4j.selection;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Of equal weights, indexes into the whole list with a counter; of others, one smooth rotation over all event loops.
 * Advancing until one is met that is not full or dead would double the load of the one behind it; so would serving these
 * turns, and further attempts, from the same counter: they have their own.
 */
final class RoundRobinSelector implements BackendSelector {
    /** So many turns are passed over at most, for a random start. */
    private static final int LONGEST_SKIP = 1024;

    private final AtomicInteger picks;
    private final SmoothRotation rotation;
    private final AtomicInteger others = new AtomicInteger();
    private final GoldenSteps weightedOthers = new GoldenSteps();

    /** A rotation that begins somewhere: at the first backend if {@code start} is 0. */
    RoundRobinSelector(int start) {
        picks = new AtomicInteger(start);
        rotation = new SmoothRotation(Integer.remainderUnsigned(start, LONGEST_SKIP));
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        Candidates whole = candidates.whole();
        int turn = connection.attempt() == 1 ? turn(whole) : SmoothRotation.NOBODY;
        return turn < 0 || candidates.isMissing(turn) ? another(candidates) : whole.get(turn);
    }

    private int turn(Candidates whole) {
        return whole.haveEqualWeights() ? next(picks, whole.size()) : rotation.next(whole);
    }

    private Candidate another(Candidates candidates) {
        int index = candidates.haveEqualWeights()
                ? next(others, candidates.size())
                : candidates.indexAt(weightedOthers.next(candidates.totalWeight()));
        return candidates.get(index);
    }

    private static int next(AtomicInteger counter, int size) {
        return Integer.remainderUnsigned(counter.getAndIncrement(), size);
    }

    @Override
    public String toString() {
        return "roundRobin";
    }
}
