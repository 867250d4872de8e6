package io.lb4j.selection;

import java.util.random.RandomGenerator;

/** Two different candidates drawn by their weights, and the better of them. */
final class TwoDraws {
    /** Says which of two is better. */
    @FunctionalInterface
    interface Comparison {
        /** Whether the candidate at {@code second} is better than that at {@code first}. */
        boolean isBetter(Candidates candidates, int second, int first);
    }

    private TwoDraws() {}

    static Candidate better(Candidates candidates, RandomGenerator random, Comparison comparison) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        long total = candidates.totalWeight();
        int first = candidates.indexAt(random.nextLong(total));
        int second = another(candidates, random, total, first);
        return candidates.get(comparison.isBetter(candidates, second, first) ? second : first);
    }

    /** A draw from the line of weights with the first one's stretch cut out of it. */
    private static int another(Candidates candidates, RandomGenerator random, long total, int first) {
        long stretch = candidates.weight(first);
        long point = random.nextLong(total - stretch);
        int index = candidates.indexAt(point);
        // What lies behind the cut has moved forward by its length.
        return index < first ? index : candidates.indexAt(point + stretch);
    }
}
