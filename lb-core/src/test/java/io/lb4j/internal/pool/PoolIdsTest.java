package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The ids of pools, when backends go from one to another. */
class PoolIdsTest {
    private static final Health UP = Health.unchecked(true, "not checked");
    private final ManualClock clock = ManualClock.create();
    private final ManualControl control = new ManualControl(clock);
    private final List<String> told = new ArrayList<>();
    private final BackendIds ids = new BackendIds();

    @Test
    void idThatMovesToAnotherPool_isToldAsRemovedFirst() {
        BackendPool api = pool("api");
        BackendPool web = pool("web");
        web.begin(new NoHooks(), List.of(), UP);
        // What another thread (web's discovery) may do between the two steps of api.
        PoolHooks meanwhile = new PoolHooks() {
            @Override
            public void added(List<? extends CheckedBackend> backends, Health initial) {}

            @Override
            public void removed(CheckedBackend backend) {
                try {
                    web.administration().add(backend("a").inPool("web"));
                } catch (IllegalArgumentException stillTaken) {
                    told.add("refused");
                }
            }

            @Override
            public void doubted(CheckedBackend doubted) {}

            @Override
            public void giveUpAttempts(Route backend) {}

            @Override
            public CompletionStage<Integer> abort(Route backend, CloseReason reason) {
                return CompletableFuture.completedFuture(0);
            }
        };
        api.begin(meanwhile, List.of(backend("a"), backend("b")), UP);
        control.advance(Duration.ZERO);
        told.clear();
        api.administration().remove("a", null);
        control.advance(Duration.ZERO);
        assertThat(told).isIn(List.of("-a", "+a"), List.of("refused", "-a"));
    }

    private BackendPool pool(String name) {
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void backendAdded(Backend backend) {
                told.add("+" + backend.id());
            }

            @Override
            public void backendRemoved(Backend backend) {
                told.add("-" + backend.id());
            }
        };
        return new BackendPool(
                name,
                PoolRules.of(BackendSelector.roundRobin()),
                new Announcer("orders", List.of(listener), control, clock),
                ids,
                new BackendPool.Surroundings(control, clock, () -> 0));
    }

    private static Backend backend(String id) {
        return Backend.of("127.0.0.1", 1).withId(id).inPool("api");
    }
}
