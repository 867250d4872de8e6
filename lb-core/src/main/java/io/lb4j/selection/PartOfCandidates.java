package io.lb4j.selection;

import io.lb4j.internal.util.ListVersions;
import io.lb4j.internal.util.WeightLine;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Some of the candidates of a list, as a list of its own. */
final class PartOfCandidates implements Candidates {
    private final Candidates whole;
    private final int[] indexes;
    private final WeightLine weights;
    private final long version;

    private PartOfCandidates(Candidates whole, int[] indexes) {
        this.whole = whole;
        this.indexes = indexes;
        weights = new WeightLine(indexes.length, i -> whole.weight(indexes[i]));
        version = whole.version() == 0 ? 0 : ListVersions.next();
    }

    static PartOfCandidates of(Candidates whole, Predicate<Candidate> wanted) {
        int[] indexes = IntStream.range(0, whole.size())
                .filter(i -> wanted.test(whole.get(i)))
                .toArray();
        return new PartOfCandidates(whole, indexes);
    }

    /** Those who are also in a rest of the list that this one was made from. */
    Candidates restIn(Candidates rest) {
        return rest.whole() == rest ? this : without(missingIn(rest));
    }

    private int[] missingIn(Candidates rest) {
        if (rest instanceof RestOfCandidates view) {
            return IntStream.of(view.missing().toArray())
                    .map(index -> Arrays.binarySearch(indexes, index))
                    .filter(index -> index >= 0)
                    .toArray();
        }
        return IntStream.range(0, indexes.length)
                .filter(i -> rest.isMissing(indexes[i]))
                .toArray();
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
        return version;
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
    public long weightBefore(int index) {
        return weights.before(index);
    }

    @Override
    public int indexAt(long point) {
        return weights.indexAt(point);
    }

    @Override
    public boolean haveEqualWeights() {
        return weights.isEven();
    }
}
