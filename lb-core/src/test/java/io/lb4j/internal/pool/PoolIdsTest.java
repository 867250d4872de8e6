package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ids of pools, when backends go from one to another. */
class PoolIdsTest {
    private static final Health UP = Health.unchecked(true, "not checked");
    private final NamedPools pools = new NamedPools();
    private final List<String> told = new ArrayList<>();

    @Test
    void idThatMovesToAnotherPool_isToldAsRemovedFirst() {
        BackendPool api = pool("api");
        BackendPool web = pool("web");
        web.begin(new NoHooks(), List.of(), UP);
        // What another thread (web's discovery) may do between the two steps of api.
        PoolHooks meanwhile = new NoHooks() {
            @Override
            public void removed(CheckedBackend backend) {
                try {
                    web.administration().add(NamedPools.backend("a").inPool("web"));
                } catch (IllegalArgumentException stillTaken) {
                    told.add("refused");
                }
            }
        };
        api.begin(meanwhile, List.of(NamedPools.backend("a"), NamedPools.backend("b")), UP);
        pools.control.advance(Duration.ZERO);
        told.clear();
        api.administration().remove("a", null);
        pools.control.advance(Duration.ZERO);
        assertThat(told).isIn(List.of("-a", "+a"), List.of("refused", "-a"));
    }

    private BackendPool pool(String name) {
        return pools.pool(name, new LoadBalancerListener() {
            @Override
            public void backendAdded(Backend backend) {
                told.add("+" + backend.id());
            }

            @Override
            public void backendRemoved(Backend backend) {
                told.add("-" + backend.id());
            }
        });
    }
}
