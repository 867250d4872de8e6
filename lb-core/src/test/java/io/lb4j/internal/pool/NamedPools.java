package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import java.util.List;

/** Pools of one balancer, with their names and the ids they have between them. */
final class NamedPools {
    final ManualClock clock = ManualClock.create();
    final ManualControl control = new ManualControl(clock);
    private final BackendIds ids = new BackendIds();

    BackendPool pool(String name, LoadBalancerListener listener) {
        return new BackendPool(
                name,
                PoolRules.of(BackendSelector.roundRobin()),
                new Announcer("orders", List.of(listener), control, clock),
                ids,
                new BackendPool.Surroundings(control, clock, () -> 0));
    }

    /** One of the pool "api". */
    static Backend backend(String id) {
        return Backend.of("127.0.0.1", 1).withId(id).inPool("api");
    }
}
