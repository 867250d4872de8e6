package io.lb4j.benchmarks.compare;

import java.util.List;
import java.util.OptionalLong;

/** Something that relays, or the backends themselves. */
interface Running extends AutoCloseable {
    /** Where clients connect, ports of loopback. */
    List<Integer> ports();

    /** Its processes; none when the backends are reached directly. */
    List<Long> pids();

    /** Bytes its relaying threads have allocated so far, where that can be known. */
    default OptionalLong allocated() {
        return OptionalLong.empty();
    }

    /** Bytes of heap and of direct buffers in use after a collection, where that can be known. */
    default OptionalLong used() {
        return OptionalLong.empty();
    }

    @Override
    void close();
}
