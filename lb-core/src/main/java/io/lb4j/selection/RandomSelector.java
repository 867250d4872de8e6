package io.lb4j.selection;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** An even point on the line of weights. */
final class RandomSelector implements BackendSelector {
    private final Supplier<RandomGenerator> random;

    /** {@code random} gives the calling thread's source of random numbers. */
    RandomSelector(Supplier<RandomGenerator> random) {
        this.random = random;
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        return candidates.get(candidates.indexAt(random.get().nextLong(candidates.totalWeight())));
    }

    @Override
    public String toString() {
        return "random";
    }
}
