package io.lb4j.selection;

import io.lb4j.internal.util.Indexes;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Who can be chosen for a connection: an immutable list, in the order in which the backends were added. All are
 * healthy, none has weight 0 or is at its limit of connections, and all are of one tier, the first that has any.
 */
public interface Candidates {
    /** How many there are; at least 1 when handed to a selector. */
    int size();

    /**
     * One of them.
     *
     * @throws IndexOutOfBoundsException when {@code index} is not within 0..{@code size() - 1}
     */
    Candidate get(int index);

    /**
     * A number that no list of other candidates or other weights has, in the whole JVM, so that a selector can keep a
     * table made from this list; later lists have greater numbers. 0: this list is for this one pick, because somebody
     * is missing from the {@linkplain #whole() whole} list, which has a number.
     */
    long version();

    /**
     * The list with those, too, that cannot get this connection although they are healthy: they are at their limit of
     * connections, or have failed for it. While nobody is {@linkplain #isMissing missing} that is this list itself.
     *
     * <p>A selector that keeps a table or an order keeps it for this list. When it finds somebody there who is missing,
     * it should not take the next one, who would get double, but spread that turn over those who are not.
     */
    default Candidates whole() {
        return this;
    }

    /** Whether the one at this index of the {@linkplain #whole() whole} list is not in this one. */
    default boolean isMissing(int indexInWhole) {
        return false;
    }

    /**
     * This list without some, in the same order and under version 0: a view, made in a time that depends on how many
     * are missing and not on how many remain.
     *
     * @param indexesInWhole indexes in the {@linkplain #whole() whole} list, in any order; some may be missing already
     * @throws IndexOutOfBoundsException when one is not within 0..{@code whole().size() - 1}
     */
    default Candidates without(int... indexesInWhole) {
        return new RestOfCandidates(this, Indexes.NONE).without(indexesInWhole);
    }

    /**
     * The weight of one of them, 1 or more: its share relative to the other candidates. Only proportions mean something;
     * while a backend warms up (see {@code slowStart} of the builder) the numbers are not those it was configured with.
     *
     * @throws IndexOutOfBoundsException when {@code index} is not within 0..{@code size() - 1}
     */
    default int weight(int index) {
        return get(index).backend().weight();
    }

    /** Whether all weights are the same. */
    default boolean haveEqualWeights() {
        return totalWeight() == (long) size() * weight(0)
                && IntStream.range(1, size()).allMatch(i -> weight(i) == weight(0));
    }

    /** The sum of all weights. */
    default long totalWeight() {
        long total = 0;
        for (int i = 0; i < size(); i++) {
            total += weight(i);
        }
        return total;
    }

    /**
     * The sum of the weights of all that come before one: where its stretch begins, see {@link #indexAt}.
     *
     * @throws IndexOutOfBoundsException when {@code index} is not within 0..{@code size() - 1}
     */
    default long weightBefore(int index) {
        long sum = 0;
        for (int i = 0; i < Objects.checkIndex(index, size()); i++) {
            sum += weight(i);
        }
        return sum;
    }

    /**
     * The candidate that a point falls on when all candidates lie side by side, each as wide as its weight: an even
     * random point picks each by its weight.
     *
     * @param point 0..{@code totalWeight() - 1}
     * @return its index
     * @throws IndexOutOfBoundsException when the point is out of range
     */
    default int indexAt(long point) {
        Objects.checkIndex(point, totalWeight());
        int index = 0;
        for (long rest = point - weight(0); rest >= 0; rest -= weight(index)) {
            index++;
        }
        return index;
    }

    /** The candidates as a stream, for selectors that prefer clarity to nanoseconds. */
    default Stream<Candidate> stream() {
        return IntStream.range(0, size()).mapToObj(this::get);
    }
}
