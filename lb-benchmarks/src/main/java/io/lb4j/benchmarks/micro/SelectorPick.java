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

/**
 * One call of a selector, as any user of the public API can make it, once what it remembers of the candidates is
 * complete. Weights are 1 to 10 where the selector's name ends with a star, else all the same.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class SelectorPick {
    @Param({
        "roundRobin",
        "roundRobin*",
        "leastConnections",
        "leastConnections*",
        "random",
        "random*",
        "powerOfTwoChoices",
        "powerOfTwoChoices*",
        "leastConnectTime",
        "sticky",
        "sticky*"
    })
    String selector;

    @Param({"3", "100", "1000"})
    int candidates;

    private FixedCandidates fixed;
    private BackendSelector chosen;

    @Setup
    public void prepare() {
        fixed = new FixedCandidates(candidates, selector.endsWith("*"));
        chosen = selectorNamed(selector.replace("*", ""));
    }

    static BackendSelector selectorNamed(String name) {
        return switch (name) {
            case "roundRobin" -> BackendSelector.roundRobin();
            case "leastConnections" -> BackendSelector.leastConnections();
            case "random" -> BackendSelector.random();
            case "powerOfTwoChoices" -> BackendSelector.powerOfTwoChoices();
            case "leastConnectTime" -> BackendSelector.leastConnectTime();
            case "sticky" -> BackendSelector.sticky();
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Benchmark
    public Candidate oneThread() {
        return chosen.select(fixed, FixedClient.FIRST_ATTEMPT);
    }

    @Benchmark
    @Threads(2)
    public Candidate twoThreads() {
        return chosen.select(fixed, FixedClient.FIRST_ATTEMPT);
    }
}
