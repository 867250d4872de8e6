package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.pool.BackendPool;
import java.util.ArrayList;
import java.util.List;
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

/** What a change of one backend costs, which loops wait for, among few and among very many. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class PoolChange {
    private static final Backend ANOTHER = Backend.of("127.0.0.2", 1024);

    private static final Health PASSED = Health.unchecked(true, "passed");
    private static final Health FAILED = Health.unchecked(false, "failed");

    @Param({"3", "1000", "10000"})
    int backends;

    private BackendPool pool;
    private CheckedBackend checked;
    private List<Backend> before;
    private List<Backend> after;
    private boolean flip;

    @Setup
    public void prepare() {
        before = Pools.backends(backends);
        after = new ArrayList<>(before);
        after.set(backends / 2, ANOTHER);
        pool = Pools.roundRobin(before);
        checked = pool.places().get(backends / 2);
    }

    @Benchmark
    public BackendChanges replaceAll() {
        flip = !flip;
        return pool.administration().replaceAll(flip ? after : before);
    }

    @Benchmark
    public void status() {
        flip = !flip;
        pool.checked(checked, flip ? FAILED : PASSED);
    }

    @Benchmark
    public void addAndRemove() {
        pool.administration().add(ANOTHER);
        pool.administration().remove(ANOTHER.id(), null);
    }
}
