package io.lb4j.benchmarks.compare;

import java.util.List;
import java.util.OptionalLong;

/**
 * What some idle connections cost one program.
 *
 * @param pairs how many
 * @param before memory without any
 * @param with memory with them
 * @param cpuNanos CPU the program used meanwhile
 * @param nanos how long that was
 * @param messages how connections failed
 */
record IdleSample(
        int round,
        String program,
        int pairs,
        Held before,
        Held with,
        long cpuNanos,
        long nanos,
        List<String> messages) {
    /**
     * @param resident bytes of all its processes
     * @param used bytes of heap and direct buffers after a collection, of a JVM
     */
    record Held(long resident, OptionalLong used) {}

    boolean failed() {
        return !messages.isEmpty();
    }

    /** NaN when there are no pairs. */
    double residentPerPair() {
        return pairs == 0 ? Double.NaN : (double) (with.resident() - before.resident()) / pairs;
    }

    /** NaN when it is no JVM, or there are no pairs. */
    double usedPerPair() {
        return pairs == 0 || before.used().isEmpty() || with.used().isEmpty()
                ? Double.NaN
                : (double) (with.used().getAsLong() - before.used().getAsLong()) / pairs;
    }

    /** Milliseconds of CPU for each second. */
    double cpu() {
        return 1e3 * cpuNanos / nanos;
    }
}
