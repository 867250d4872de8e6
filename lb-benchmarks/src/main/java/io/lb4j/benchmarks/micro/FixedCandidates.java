package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.WeightLine;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Candidates that never change: some have more connections than others, and if that is asked for, more weight. */
final class FixedCandidates implements Candidates {
    private record Busy(Backend backend, int activeConnections, long connectTimeNanos) implements Candidate {}

    private static final AtomicLong VERSIONS = new AtomicLong();

    private final Candidate[] candidates;
    private final WeightLine weights;
    private final long version = VERSIONS.incrementAndGet();

    FixedCandidates(int size, boolean weighted) {
        this(size, i -> weighted ? 1 + i % 10 : 1);
    }

    FixedCandidates(int size, IntUnaryOperator weight) {
        candidates = IntStream.range(0, size)
                .mapToObj(i -> new Busy(Backend.of("127.0.0.1", 1024 + i), 1 + i * 7 % 10, 50_000 + i % 9))
                .toArray(Candidate[]::new);
        weights = new WeightLine(size, weight);
    }

    @Override
    public int size() {
        return candidates.length;
    }

    @Override
    public Candidate get(int index) {
        return candidates[index];
    }

    @Override
    public int weight(int index) {
        return weights.weight(index);
    }

    @Override
    public boolean haveEqualWeights() {
        return weights.isEven();
    }

    @Override
    public long totalWeight() {
        return weights.total();
    }

    @Override
    public long weightBefore(int index) {
        return weights.before(index);
    }

    @Override
    public int indexAt(long point) {
        return weights.indexAt(point);
    }

    @Override
    public long version() {
        return version;
    }
}
