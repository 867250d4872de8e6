package io.lb4j.benchmarks.micro;

import java.util.List;

/**
 * What a figure is set beside.
 *
 * @param prefix what the names of its benchmarks begin with
 * @param goal what lb4j wants it to be; empty when nothing
 * @param toy what the toy has; empty when it has nothing like it
 */
record Yardstick(String prefix, String goal, String toy) {
    static final String ABOUT_THE_TOY = """

            The toy: the least that can be called a balancer, in Go, an atomic counter and a flag behind a read-write
            lock; measured once, on another day, on a machine like the one lb4j is developed on. Other machines have other
            figures.
            """;

    private static final String PICKS = "round robin ≤ 5 ns, smooth ≤ 50, two choices ≤ 30, least connections ≤ 1 for"
            + " each backend + 10, sticky ≤ 50";
    private static final String SHARED_PICK = "≤ 2 × one thread";
    private static final String NEXT = "21 ns";
    private static final String NEXT_IN_PARALLEL = "37 ns";
    private static final String SWEEP = "≤ 1 ms";
    private static final String CYCLE = "0.28 ms";

    private static final List<Yardstick> ALL = List.of(
            new Yardstick("SelectorPick.oneThread", PICKS, NEXT),
            new Yardstick("SelectorPick.twoThreads", SHARED_PICK, NEXT_IN_PARALLEL),
            new Yardstick("PoolPick.oneThread", "", NEXT),
            new Yardstick("PoolPick.twoThreads", SHARED_PICK, NEXT_IN_PARALLEL),
            new Yardstick("PickWithoutSome", "≤ 1 µs at every size, ≤ 1 KB", ""),
            new Yardstick("SharedPick", "≤ 100 ns at every size, 0 B", ""),
            new Yardstick("SmoothPick", "≤ 2 ns for each different weight + 100", ""),
            new Yardstick("PoolChange.replaceAll", "≤ 5 ms for 10000", ""),
            new Yardstick("PoolChange", "≤ 200 µs for 10000", ""),
            new Yardstick("BuilderBenchmark.builderOfA", "≤ 1 KB for each", ""),
            new Yardstick("BuilderBenchmark.builder", "", "460 ns, 200 B"),
            new Yardstick("BuilderBenchmark.config", "≤ 300 ns, ≤ 3 KB", "460 ns, 200 B"),
            new Yardstick("BuilderBenchmark.startAndClose", "≤ 10 ms", ""),
            new Yardstick("HealthSweep", SWEEP, CYCLE),
            new Yardstick("AccessLookup", "≤ 150 ns at every size, whoever asks", ""),
            new Yardstick("Admit", "≤ 250 ns", ""),
            new Yardstick("RelayChunk", "0 B", ""));

    private static final Yardstick NONE = new Yardstick("", "", "");

    static Yardstick of(String benchmark) {
        return ALL.stream()
                .filter(yardstick -> benchmark.startsWith(yardstick.prefix))
                .findFirst()
                .orElse(NONE);
    }
}
