package io.lb4j.benchmarks.micro;

import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.proxy.Route;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One thread takes a backend down and up again without a pause, another one picks: what each of them pays. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Group)
public class Publication {
    @Param({"3", "100", "1000", "10000"})
    int backends;

    private BackendPool pool;
    private boolean down;

    @Setup
    public void prepare() {
        pool = Pools.roundRobin(Pools.backends(backends));
    }

    @Benchmark
    @Group("whilePicking")
    @GroupThreads(1)
    public void publish() {
        down = !down;
        Pools.check(pool, 0, !down);
    }

    @Benchmark
    @Group("whilePicking")
    @GroupThreads(1)
    public Route pick() {
        Route route = pool.next(FixedClient.FIRST_ATTEMPT, List.of());
        route.ended(CloseReason.COMPLETED, Party.CLIENT, 0, 0);
        route.released();
        return route;
    }
}
