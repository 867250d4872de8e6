package io.lb4j.selection;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Who can be chosen for a connection: an immutable list, in the order in which the backends were added. */
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
     * A number that differs whenever the list does, so that a selector can keep a table built from it. Lists made for
     * a further attempt have the version of the list they were made from, and {@code ClientConnection.attempt()} > 1.
     */
    long version();

    /** The candidates as a stream, for selectors that prefer clarity to nanoseconds. */
    default Stream<Candidate> stream() {
        return IntStream.range(0, size()).mapToObj(this::get);
    }
}
