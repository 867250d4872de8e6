package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.health.Health;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pool that is taken out of a balancer that goes on. */
class ClosedPoolTest {
    private static final Health UP = Health.unchecked(true, "not checked");

    @RegisterExtension
    final Resources resources = new Resources();

    private final NamedPools pools = new NamedPools();
    private final List<String> told = new ArrayList<>();
    private final BackendPool api = pool("api");
    private final BackendPool web = pool("web");

    @Test
    void connections_goOn_andAreReleased() {
        TestBackend echoing = resources.add(TestBackend.echoing());
        Backend backend = Backend.of("127.0.0.1", echoing.port()).withId("x").inPool("api");
        api.begin(new NoHooks(), List.of(backend), UP);
        TcpProxy proxy = resources.add(
                TcpProxy.builder().name("orders").eventLoops(1).router(api).start());
        PooledBackend place = (PooledBackend) api.places().get(0);
        Peer client = resources.add(Peer.connect(proxy.port()));
        assertThat(client.send("a").receiveText(1)).isEqualTo("a");

        api.administration().close();
        assertThat(client.send("b").receiveText(1)).isEqualTo("b");
        assertThat(place.activeConnections()).isEqualTo(1);
        assertThat(resources.add(Peer.connect(proxy.port())).receiveToEnd().end())
                .isEqualTo(Peer.End.RESET);
        client.fin().receiveToEnd();
        await().until(() -> place.activeConnections() == 0);
        await().until(() -> proxy.stats().active() == 0);
        assertThat(proxy.stats().closed(CloseReason.COMPLETED)).isEqualTo(1);
        assertThat(proxy.stats().closed(CloseReason.NO_BACKEND)).isEqualTo(1);
        assertThat(place.stats().closed(CloseReason.COMPLETED)).isEqualTo(1);
    }

    @Test
    void backends_areToldAsRemoved_alsoThoseWithConnectionsAndThoseThatLeave() {
        api.begin(
                new NoHooks(), List.of(NamedPools.backend("a"), NamedPools.backend("b"), NamedPools.backend("c")), UP);
        PooledBackend busy = (PooledBackend) api.places().get(0);
        assertThat(busy.reserve()).isTrue();
        assertThat(((PooledBackend) api.places().get(1)).reserve()).isTrue();
        CompletableFuture<DrainResult> leaving = api.administration().remove("b", null);
        pools.control.advance(Duration.ZERO);
        told.clear();
        api.administration().close();
        api.administration().close();
        pools.control.advance(Duration.ZERO);
        assertThat(told).containsExactly("-a", "-b", "-c");
        assertThat(leaving).isCompletedExceptionally();
        assertThat(api.states()).isEmpty();
        assertThat(api.stats()).isEmpty();
        busy.released();
        pools.control.advance(Duration.ofSeconds(3));
        assertThat(told).hasSize(3);
        assertThatThrownBy(() -> api.administration().add(NamedPools.backend("d")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pool api of orders is closed");
        assertThat(api.administration().discovered(List.of(NamedPools.backend("d")), null))
                .isEmpty();
        assertThat(api.states()).isEmpty();
    }

    @Test
    void ids_areFree() {
        api.begin(new NoHooks(), List.of(NamedPools.backend("a"), NamedPools.backend("b")), UP);
        web.begin(new NoHooks(), List.of(), UP);
        assertThatThrownBy(() -> web.administration().add(NamedPools.backend("a")))
                .hasMessage("backend id: a (expected: one that no backend of this balancer has; pool api has it)");
        api.administration().close();
        web.administration().replaceAll(List.of(NamedPools.backend("a"), NamedPools.backend("b")));
        assertThat(web.states()).hasSize(2);
    }

    /** It ends as a balancer does: what it had stays as it was, for whoever looks. */
    @Test
    void close_afterTheEnd_changesNothing() {
        api.begin(new NoHooks(), List.of(NamedPools.backend("a")), UP);
        api.administration().end();
        api.administration().close();
        assertThat(api.states()).hasSize(1);
    }

    private BackendPool pool(String name) {
        return pools.pool(name, new LoadBalancerListener() {
            @Override
            public void backendRemoved(Backend backend) {
                told.add("-" + backend.id());
            }
        });
    }
}
