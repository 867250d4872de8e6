package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.pool.Announcer;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.internal.pool.NoHooks;
import io.lb4j.internal.pool.PoolRules;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.selection.BackendSelector;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Pools for benchmarks. Nobody connects to their backends. */
final class Pools {
    private Pools() {}

    static List<Backend> backends(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Backend.of("127.0.0.1", 1024 + i))
                .toList();
    }

    static BackendPool roundRobin(List<Backend> backends) {
        return of(BackendSelector.roundRobin(), backends);
    }

    static BackendPool of(BackendSelector selector, List<Backend> backends) {
        BackendPool pool = new BackendPool(
                PoolRules.of(selector),
                new Announcer("lb", List.of(), new Nobody(), System::nanoTime),
                new BackendPool.Surroundings(new Nobody(), System::nanoTime, new Random()));
        pool.begin(new NoHooks(), backends, Health.unchecked(true, "not checked"));
        return pool;
    }

    /** What a check found of one of the pool's backends. */
    static void check(BackendPool pool, int index, boolean passes) {
        pool.checked(pool.places().get(index), Health.unchecked(passes, passes ? "passed" : "failed"));
    }

    /** Every third one, from the first. */
    static void failAThird(BackendPool pool) {
        for (int i = 0; i < pool.places().size(); i += 3) {
            check(pool, i, false);
        }
    }

    /** What a control thread would do, the caller does, but for what comes later: nobody listens, and no line is logged. */
    private static final class Nobody implements Scheduler {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void later(Runnable task, long delayNanos) {}

        @Override
        public void audit(Runnable audit) {}
    }
}
