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
import org.openjdk.jmh.annotations.Warmup;

/** Round robin of unequal weights, in an order that repeats itself too late for a table. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class SmoothPick {
    @Param({"3000", "10000"})
    int candidates;

    /** How many different ones there are, up to 1000. */
    @Param({"10", "1000"})
    int weights;

    private FixedCandidates fixed;
    private final BackendSelector chosen = BackendSelector.roundRobin();

    @Setup
    public void prepare() {
        fixed = new FixedCandidates(candidates, i -> 1000 - i % weights);
    }

    @Benchmark
    public Candidate withoutATable() {
        return chosen.select(fixed, FixedClient.FIRST_ATTEMPT);
    }
}
