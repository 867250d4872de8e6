package io.lb4j.benchmarks.micro;

import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** One call of the round-robin selector, as any user of the public API can make it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class RoundRobinPick {
    @Param({"3", "100", "1000"})
    int candidates;

    private FixedCandidates fixed;
    private BackendSelector selector;

    @Setup
    public void prepare() {
        fixed = new FixedCandidates(candidates);
        selector = BackendSelector.roundRobin();
    }

    @Benchmark
    public Candidate oneThread() {
        return selector.select(fixed, FixedClient.FIRST_ATTEMPT);
    }

    @Benchmark
    @Threads(2)
    public Candidate twoThreads() {
        return selector.select(fixed, FixedClient.FIRST_ATTEMPT);
    }
}
