package io.lb4j.selection;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Two different candidates drawn by their weights, and the better of them; of equals the first. */
final class BetterOfTwoSelector implements BackendSelector {
    /** Says which of two is better. */
    @FunctionalInterface
    interface Comparison {
        /** Whether the candidate at {@code second} is better than that at {@code first}. */
        boolean isBetter(Candidates candidates, int second, int first);
    }

    private final String name;
    private final Supplier<RandomGenerator> random;
    private final Comparison comparison;

    private BetterOfTwoSelector(String name, Supplier<RandomGenerator> random, Comparison comparison) {
        this.name = name;
        this.random = random;
        this.comparison = comparison;
    }

    /** The one with fewer connections for its weight. {@code random} gives the calling thread's source of chance. */
    static BetterOfTwoSelector byConnections(Supplier<RandomGenerator> random) {
        return new BetterOfTwoSelector("powerOfTwoChoices", random, BetterOfTwoSelector::isLessLoaded);
    }

    /**
     * The one where a connection costs less: its connect time, times the connections that share the backend once this
     * one is there. Always taking the very best of all would send every loop to the same backend at once.
     */
    static BetterOfTwoSelector byConnectTime(Supplier<RandomGenerator> random) {
        return new BetterOfTwoSelector(
                "leastConnectTime",
                random,
                (candidates, second, first) -> cost(candidates, second) < cost(candidates, first));
    }

    /** By another comparison: for tests of the draw itself. */
    static BetterOfTwoSelector by(Supplier<RandomGenerator> random, Comparison comparison) {
        return new BetterOfTwoSelector("betterOfTwo", random, comparison);
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        RandomGenerator chance = random.get();
        long total = candidates.totalWeight();
        int first = candidates.indexAt(chance.nextLong(total));
        int second = another(candidates, chance, total, first);
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

    private static boolean isLessLoaded(Candidates candidates, int second, int first) {
        long secondLoad = (long) candidates.get(second).activeConnections() * candidates.weight(first);
        long firstLoad = (long) candidates.get(first).activeConnections() * candidates.weight(second);
        return secondLoad < firstLoad;
    }

    private static double cost(Candidates candidates, int index) {
        Candidate candidate = candidates.get(index);
        int connections = candidate.activeConnections();
        long connectTime = candidate.connectTimeNanos();
        if (connectTime == 0) {
            // Unknown: the first connection finds out, the others wait and see.
            return connections == 0 ? 0 : Double.MAX_VALUE;
        }
        return (double) connectTime * (connections + 1) / candidates.weight(index);
    }

    @Override
    public String toString() {
        return name;
    }
}
