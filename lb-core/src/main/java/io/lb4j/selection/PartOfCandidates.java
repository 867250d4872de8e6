package io.lb4j.selection;

import io.lb4j.internal.util.WeightLine;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Some of the candidates of a list, under the version of that list. */
final class PartOfCandidates implements Candidates {
    private final Candidates whole;
    private final int[] indexes;
    private final WeightLine weights;

    private PartOfCandidates(Candidates whole, int[] indexes) {
        this.whole = whole;
        this.indexes = indexes;
        weights = new WeightLine(indexes.length, i -> whole.weight(indexes[i]));
    }

    static Candidates of(Candidates whole, Predicate<Candidate> wanted) {
        int[] indexes = IntStream.range(0, whole.size())
                .filter(i -> wanted.test(whole.get(i)))
                .toArray();
        return new PartOfCandidates(whole, indexes);
    }

    @Override
    public int size() {
        return indexes.length;
    }

    @Override
    public Candidate get(int index) {
        return whole.get(indexes[index]);
    }

    @Override
    public long version() {
        return whole.version();
    }

    @Override
    public int weight(int index) {
        return weights.weight(index);
    }

    @Override
    public long totalWeight() {
        return weights.total();
    }

    @Override
    public int indexAt(long point) {
        return weights.indexAt(point);
    }

    @Override
    public boolean isWarmingUp() {
        return whole.isWarmingUp();
    }

    @Override
    public int warmUpPercent(int index) {
        return whole.warmUpPercent(indexes[index]);
    }
}
