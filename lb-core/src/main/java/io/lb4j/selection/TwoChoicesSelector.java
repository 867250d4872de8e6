package io.lb4j.selection;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Of two drawn by weight, the one with fewer connections for its weight. */
final class TwoChoicesSelector implements BackendSelector {
    private final Supplier<RandomGenerator> random;

    /** {@code random} gives the calling thread's source of random numbers. */
    TwoChoicesSelector(Supplier<RandomGenerator> random) {
        this.random = random;
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        return TwoDraws.better(candidates, random.get(), TwoChoicesSelector::isLessLoaded);
    }

    private static boolean isLessLoaded(Candidates candidates, int second, int first) {
        long secondLoad = (long) candidates.get(second).activeConnections() * candidates.weight(first);
        long firstLoad = (long) candidates.get(first).activeConnections() * candidates.weight(second);
        return secondLoad < firstLoad;
    }

    @Override
    public String toString() {
        return "powerOfTwoChoices";
    }
}
