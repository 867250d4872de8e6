package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** README: onRecovery, and countEarlyEnds. Through real sockets. */
class FailBackTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final Set<String> unwell = ConcurrentHashMap.newKeySet();

    /** Experiment E18: old clients stay on the reserve for ever, new ones write to the primary: two writers. */
    @Test
    void e18_closeLowerTiers_nobodyStaysOnTheReserve() {
        LoadBalancer lb = start(builder -> builder.onRecovery(OnRecovery.CLOSE_LOWER_TIERS));
        unwell.add("primary");
        await().until(() -> status(lb, "primary") == BackendStatus.DOWN);
        List<Peer> early = connect(lb, "reserve", 20);
        unwell.clear();
        early.forEach(client -> assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET));
        connect(lb, "primary", 5);
        assertThat(lb.backends().get("reserve").activeConnections()).isZero();
    }

    /** Experiment E19: the primary flaps, and whoever took over keeps the clients. */
    @Test
    void e19_stay_thePrimaryFlaps_thereIsOneWriter() {
        LoadBalancer lb = start(builder -> builder.onRecovery(OnRecovery.STAY).onDown(OnDown.CLOSE));
        List<Peer> before = connect(lb, "primary", 5);
        for (int i = 0; i < 3; i++) {
            unwell.add("primary");
            await().until(() -> status(lb, "primary") == BackendStatus.DOWN);
            connect(lb, "reserve", 5);
            unwell.clear();
            await().until(() -> status(lb, "primary") == BackendStatus.UP);
            connect(lb, "reserve", 5);
            await().until(() -> lb.backends().get("primary").activeConnections() == 0);
        }
        before.forEach(client -> assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET));
        unwell.add("reserve");
        await().until(() -> status(lb, "reserve") == BackendStatus.DOWN);
        connect(lb, "primary", 5);
        await().until(() -> lb.backends().get("reserve").activeConnections() == 0);
    }

    /** Experiment E7: who hangs up at once has the fewest connections, and would get most of the traffic. */
    @Test
    void e7_aBackendThatHangsUpAtOnce_isEjectedWhereThatCounts() throws IOException {
        TestBackend good = resources.add(TestBackend.echoing());
        TestBackend bad = resources.add(TestBackend.saying(""));
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend(Backend.of("127.0.0.1", good.port()).withId("good"))
                .backend(Backend.of("127.0.0.1", bad.port()).withId("bad"))
                .noHealthCheck()
                .selector(BackendSelector.leastConnections())
                .outlierDetection(outliers -> outliers.countEarlyEnds())
                .start());
        List<Peer> open = new ArrayList<>();
        int hungUp = 0;
        for (int i = 0; i < 100; i++) {
            Peer client = resources.add(Peer.connect(lb.port()));
            client.send("x");
            if (client.socket().getInputStream().read() == 'x') {
                open.add(client);
            } else {
                hungUp++;
                client.close();
                int ended = hungUp;
                await().until(() -> lb.stats().proxy().closed().values().stream()
                                .mapToLong(Long::longValue)
                                .sum()
                        == ended);
            }
        }
        assertThat(hungUp).as("five in a row eject it").isEqualTo(5);
        assertThat(status(lb, "bad")).isEqualTo(BackendStatus.EJECTED);
        assertThat(open).hasSize(95);
    }

    private LoadBalancer start(UnaryOperator<LoadBalancerBuilder> settings) {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .selector(BackendSelector.first())
                .healthCheck(check -> check.checker(this::check).interval(Duration.ofMillis(20)));
        for (String id : List.of("primary", "reserve")) {
            TestBackend server = resources.add(TestBackend.serving(peer -> {
                peer.send(id);
                peer.receiveToEnd();
            }));
            builder.backend(Backend.of("127.0.0.1", server.port()).withId(id));
        }
        return resources.add(settings.apply(builder).start());
    }

    private void check(Backend backend, Duration timeout) throws IOException {
        if (unwell.contains(backend.id())) {
            throw new IOException("not well");
        }
    }

    private static BackendStatus status(LoadBalancer lb, String id) {
        return lb.backends().get(id).status();
    }

    /** That many clients, each of which is greeted by this one. */
    private List<Peer> connect(LoadBalancer lb, String by, int count) {
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Peer client = resources.add(Peer.connect(lb.port()));
            assertThat(client.receiveText(by.length())).isEqualTo(by);
            clients.add(client);
        }
        return clients;
    }
}
