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
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What a connection pays for its backend: the selector, the pool's checks of what it answered, and all counting. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class PoolPick {
    @Param({"3", "100", "1000", "10000"})
    int backends;

    @Param({"none", "third"})
    String down;

    private BackendPool pool;

    @Setup
    public void prepare() {
        pool = Pools.roundRobin(Pools.backends(backends));
        if (down.equals("third")) {
            Pools.failAThird(pool);
        }
    }

    @Benchmark
    public Route oneThread() {
        return pickAndRelease();
    }

    @Benchmark
    @Threads(2)
    public Route twoThreads() {
        return pickAndRelease();
    }

    private Route pickAndRelease() {
        Route route = pool.next(FixedClient.FIRST_ATTEMPT, List.of());
        route.ended(CloseReason.COMPLETED, Party.CLIENT, 0, 0);
        route.released();
        return route;
    }
}
