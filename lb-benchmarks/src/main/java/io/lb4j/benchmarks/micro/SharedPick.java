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

/** One selector for two balancers, whose picks come in turns. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class SharedPick {
    @Param({"roundRobin", "sticky"})
    String selector;

    @Param({"3", "1000", "10000"})
    int candidates;

    private FixedCandidates one;
    private FixedCandidates other;
    private BackendSelector chosen;
    private boolean turn;

    @Setup
    public void prepare() {
        one = new FixedCandidates(candidates, true);
        other = new FixedCandidates(candidates, true);
        chosen = SelectorPick.selectorNamed(selector);
    }

    @Benchmark
    public Candidate inTurns() {
        turn = !turn;
        return chosen.select(turn ? one : other, FixedClient.FIRST_ATTEMPT);
    }
}
