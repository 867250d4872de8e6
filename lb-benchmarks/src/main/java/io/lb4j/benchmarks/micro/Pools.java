package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.selection.BackendSelector;
import java.util.List;
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
        return new BackendPool(
                "lb", backends, "not checked", BackendSelector.roundRobin(), null, null, System::nanoTime);
    }

    /** Every third one, from the first. */
    static void failAThird(BackendPool pool, List<Backend> backends) {
        for (int i = 0; i < backends.size(); i += 3) {
            pool.checked(backends.get(i), BackendStatus.DOWN, "failed");
        }
    }
}
