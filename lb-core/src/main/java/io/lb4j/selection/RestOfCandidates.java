package io.lb4j.selection;

import io.lb4j.internal.util.Indexes;
import io.lb4j.internal.util.Preload;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A list without a few of its candidates. Made, and asked, in a time that depends on how many those few are. */
final class RestOfCandidates implements Candidates {
    static {
        Preload.classes(RestOfCandidates.class);
    }

    private final Candidates whole;
    private final Indexes missing;

    /** Made when first asked for, maybe by several threads: they find the same. */
    private @Nullable Gaps gaps;

    /** @param whole itself without gaps */
    RestOfCandidates(Candidates whole, Indexes missing) {
        this.whole = whole;
        this.missing = missing;
    }

    @Override
    public int size() {
        return whole.size() - missing.size();
    }

    @Override
    public Candidate get(int index) {
        return whole.get(inWhole(index));
    }

    private int inWhole(int index) {
        return Objects.checkIndex(index, size()) + missing.before(index);
    }

    /** Not one that a table could be kept for: that is what the whole list is for. */
    @Override
    public long version() {
        return 0;
    }

    @Override
    public Candidates whole() {
        return whole;
    }

    @Override
    public boolean isMissing(int indexInWhole) {
        return missing.contains(indexInWhole);
    }

    Indexes missing() {
        return missing;
    }

    @Override
    public Candidates without(int... indexesInWhole) {
        for (int index : indexesInWhole) {
            Objects.checkIndex(index, whole.size());
        }
        Indexes more = missing.with(indexesInWhole);
        return more.size() == 0 ? whole : new RestOfCandidates(whole, more);
    }

    @Override
    public int weight(int index) {
        return whole.weight(inWhole(index));
    }

    @Override
    public long totalWeight() {
        return whole.totalWeight() - gaps().closedBefore[missing.size()];
    }

    @Override
    public long weightBefore(int index) {
        int gapsBefore = missing.before(index);
        return whole.weightBefore(Objects.checkIndex(index, size()) + gapsBefore) - gaps().closedBefore[gapsBefore];
    }

    @Override
    public int indexAt(long point) {
        Objects.checkIndex(point, totalWeight());
        Gaps all = gaps();
        int gapsBefore = all.before(point);
        return whole.indexAt(point + all.closedBefore[gapsBefore]) - gapsBefore;
    }

    /** May say no of a rest whose weights are equal, when only the missing ones have others: a look at all would cost more. */
    @Override
    public boolean haveEqualWeights() {
        return whole.haveEqualWeights();
    }

    private Gaps gaps() {
        Gaps known = gaps;
        if (known == null) {
            known = new Gaps(whole, missing);
            gaps = known;
        }
        return known;
    }

    /** The gaps that the missing ones leave on the line of weights. Immutable. */
    private static final class Gaps {
        /** How long the gaps before each one are, all together; and at the end, all. */
        final long[] closedBefore;

        /** Where each gap was, once all of them are closed. */
        private final long[] seams;

        Gaps(Candidates whole, Indexes missing) {
            closedBefore = new long[missing.size() + 1];
            seams = new long[missing.size()];
            for (int i = 0; i < seams.length; i++) {
                seams[i] = whole.weightBefore(missing.get(i)) - closedBefore[i];
                closedBefore[i + 1] = closedBefore[i] + whole.weight(missing.get(i));
            }
        }

        /** How many gaps are closed before a point, or at it. */
        int before(long point) {
            int low = 0;
            int high = seams.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (seams[middle] <= point) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }
}
