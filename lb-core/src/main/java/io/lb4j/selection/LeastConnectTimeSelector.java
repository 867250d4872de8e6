package io.lb4j.selection;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Of two drawn by weight, the one where a connection costs less: its connect time, times the connections that share the
 * backend once this one is there. Always taking the very best would send every loop to the same backend at once.
 */
final class LeastConnectTimeSelector implements BackendSelector {
    private final Supplier<RandomGenerator> random;

    /** {@code random} gives the calling thread's source of random numbers. */
    LeastConnectTimeSelector(Supplier<RandomGenerator> random) {
        this.random = random;
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        return TwoDraws.better(candidates, random.get(), LeastConnectTimeSelector::isCheaper);
    }

    private static boolean isCheaper(Candidates candidates, int second, int first) {
        return cost(candidates, second) < cost(candidates, first);
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
        return "leastConnectTime";
    }
}
