package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
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

/** What a pick costs when somebody cannot be chosen, who is healthy: full, full now and then, or tried in vain. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class PickWithoutSome {
    private static final int SOME = 100;

    @Param({"3", "1000", "10000"})
    int backends;

    @Param({"roundRobin", "powerOfTwoChoices", "sticky"})
    String selector;

    private BackendPool oneIsFull;
    private BackendPool someAreFull;
    private BackendPool oneIsAtItsLimit;
    private BackendPool nobodyIsFull;
    private List<Route> failed;

    @Setup
    public void prepare() {
        oneIsFull = pool(1);
        oneIsFull.next(FixedClient.FIRST_ATTEMPT, List.of());
        someAreFull = pool(Math.min(SOME, backends - 1));
        fill(someAreFull);
        oneIsAtItsLimit = pool(1);
        nobodyIsFull = pool(0);
        failed = List.of(pickAndRelease(nobodyIsFull));
    }

    /** So many have a limit of one connection, from the first; with the first selector they get these in their order. */
    private BackendPool pool(int limited) {
        List<Backend> all = new ArrayList<>(Pools.backends(backends));
        for (int i = 0; i < limited; i++) {
            all.set(i, all.get(i).withMaxConnections(1));
        }
        BackendSelector chosen = SelectorPick.selectorNamed(selector);
        return Pools.of(limited == 1 ? firstTheFirst(chosen) : chosen, all);
    }

    /** The first backend whenever it is there: so that each pick comes to its limit, and it is known who is full. */
    private static BackendSelector firstTheFirst(BackendSelector then) {
        return (candidates, connection) ->
                candidates.get(0).backend().maxConnections().isPresent()
                        ? candidates.get(0)
                        : then.select(candidates, connection);
    }

    private static void fill(BackendPool pool) {
        List<Route> held = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            held.add(pool.next(FixedClient.FIRST_ATTEMPT, List.of()));
        }
        held.stream()
                .filter(route -> route.backend().maxConnections().isEmpty())
                .forEach(Route::released);
    }

    @Benchmark
    public Route oneIsFull() {
        return pickAndRelease(oneIsFull);
    }

    @Benchmark
    public Route someAreFull() {
        return pickAndRelease(someAreFull);
    }

    @Benchmark
    public Route eachPickComesToTheLimit() {
        return pickAndRelease(oneIsAtItsLimit);
    }

    @Benchmark
    public Route furtherAttempt() {
        Route route = nobodyIsFull.next(FixedClient.SECOND_ATTEMPT, failed);
        release(route);
        return route;
    }

    private static Route pickAndRelease(BackendPool pool) {
        Route route = pool.next(FixedClient.FIRST_ATTEMPT, List.of());
        release(route);
        return route;
    }

    private static void release(Route route) {
        route.ended(CloseReason.COMPLETED, Party.CLIENT, 0, 0);
        route.released();
    }
}
