package io.lb4j.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.PortRange;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The meters say what the balancer counts, and come and go with backends. */
class LoadBalancerMetricsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
    private final TestBackend echoing = resources.add(TestBackend.echoing());
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .listen("127.0.0.1", 0)
            .backend(Backend.of("127.0.0.1", refusing.port()).withId("dead"))
            .backend(Backend.of("127.0.0.1", echoing.port()).withId("live"))
            .start());
    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void meters_sayWhatTheBalancerCounts() {
        new LoadBalancerMetrics(lb).bindTo(registry);
        await().untilAsserted(() ->
                assertThat(value("lb4j.backend.up", "backend", "dead")).isZero());
        try (Peer client = Peer.connect(lb.port())) {
            assertThat(client.send("abcd").receiveText(4)).isEqualTo("abcd");
            await().untilAsserted(() -> assertThat(value("lb4j.backend.connections.active", "backend", "live"))
                    .isOne());
            assertThat(value("lb4j.connections.active")).isOne();
            client.fin().receiveToEnd();
        }
        await().untilAsserted(() -> assertThat(value("lb4j.connections.closed", "reason", "COMPLETED"))
                .isOne());
        assertThat(value("lb4j.connections.closed", "reason", "BACKEND_RESET")).isZero();
        assertThat(value("lb4j.connections.active")).isZero();
        assertThat(value("lb4j.connections.accepted")).isOne();
        assertThat(value("lb4j.accept.pauses")).isZero();
        assertThat(value("lb4j.bytes", "direction", "to_backend")).isEqualTo(4);
        assertThat(value("lb4j.bytes", "direction", "to_client")).isEqualTo(4);
        assertThat(value("lb4j.backend.up", "backend", "live")).isOne();
        assertThat(value("lb4j.backend.connections.active", "backend", "live")).isZero();
        assertThat(value("lb4j.backend.connections.closed", "backend", "live", "reason", "COMPLETED"))
                .isOne();
        assertThat(value("lb4j.backend.connect.attempts", "backend", "live")).isOne();
        assertThat(value("lb4j.backend.bytes", "backend", "live", "direction", "to_client"))
                .isEqualTo(4);
        assertThat(value("lb4j.backend.checks", "backend", "dead", "result", "failed"))
                .isPositive();
        assertThat(value("lb4j.backend.checks", "backend", "live", "result", "passed"))
                .isPositive();
        assertThat(value("lb4j.backend.ejections", "backend", "live")).isZero();
        assertThat(registry.get("lb4j.backend.connect")
                        .tag("backend", "live")
                        .timer()
                        .count())
                .isOne();
        assertThat(registry.get("lb4j.backend.connect")
                        .tag("backend", "live")
                        .timer()
                        .max(TimeUnit.NANOSECONDS))
                .isPositive();
    }

    @Test
    void failedAttempts_areCountedByKind() {
        LoadBalancer unchecked = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .backend(Backend.of("127.0.0.1", refusing.port()).withId("dead"))
                .start());
        new LoadBalancerMetrics(unchecked).bindTo(registry);
        Peer.connect(unchecked.port()).close();
        await().untilAsserted(() -> assertThat(value("lb4j.connections.closed", "reason", "CONNECT_FAILED"))
                .isOne());
        assertThat(value("lb4j.backend.connect.failures", "backend", "dead", "kind", "REFUSED"))
                .isOne();
        assertThat(value("lb4j.backend.connect.failures", "backend", "dead", "kind", "TIMED_OUT"))
                .isZero();
    }

    @Test
    void meters_comeAndGoWithBackends() {
        LoadBalancerMetrics metrics = new LoadBalancerMetrics(lb);
        metrics.bindTo(registry);
        assertThat(backends()).containsExactly("dead", "live");
        lb.backends().add(Backend.of("127.0.0.1", echoing.port()).withId("new"));
        await().untilAsserted(() -> assertThat(backends()).containsExactly("dead", "live", "new"));
        lb.backends().remove("live");
        await().untilAsserted(() -> assertThat(backends()).containsExactly("dead", "new"));
        assertThat(registry.find("lb4j.backend.connect").tag("backend", "live").timer())
                .isNull();
    }

    @Test
    void frontendsAndPools_haveTheirOwnMeters() {
        Frontend api = addFrontendAndPool(lb);
        new LoadBalancerMetrics(lb).bindTo(registry);
        try (Peer client = Peer.connect(api.port())) {
            assertThat(client.send("abcd").receiveText(4)).isEqualTo("abcd");
            await().untilAsserted(() -> assertThat(value("lb4j.frontend.connections.active", "frontend", "api"))
                    .isOne());
            client.fin().receiveToEnd();
        }
        await().untilAsserted(() -> assertThat(
                        value("lb4j.frontend.connections.closed", "frontend", "api", "reason", "COMPLETED"))
                .isOne());
        assertThat(value("lb4j.frontend.connections.accepted", "frontend", "api"))
                .isOne();
        assertThat(value("lb4j.frontend.connections.accepted", "frontend", "127.0.0.1:any"))
                .isZero();
        assertThat(value("lb4j.frontend.bytes", "frontend", "api", "direction", "to_client"))
                .isEqualTo(4);
        assertThat(value("lb4j.frontend.bytes", "frontend", "127.0.0.1:any", "direction", "to_client"))
                .isZero();
        assertThat(value("lb4j.frontend.listening", "frontend", "api")).isOne();
        assertThat(value("lb4j.backend.connect.attempts", "pool", "apis", "backend", "red"))
                .isOne();
        assertThat(registry.get("lb4j.backend.connect")
                        .tag("pool", "apis")
                        .timer()
                        .count())
                .isOne();
        assertThat(value("lb4j.backend.up", "pool", "default", "backend", "live"))
                .isOne();
        assertThat(value("lb4j.pool.queue.waiting", "pool", "apis")).isZero();
        assertThat(value("lb4j.pool.queue.longest.wait", "pool", "default")).isZero();
        api.listening(false);
        await().untilAsserted(() ->
                assertThat(value("lb4j.frontend.listening", "frontend", "api")).isZero());
    }

    /** They come and go again and again, while somebody reads whatever meters there are. */
    @Test
    void meters_comeAndGoWithFrontendsAndPools_whileTheyAreRead() {
        new LoadBalancerMetrics(lb).bindTo(registry);
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Long> reader = Background.supply(() -> {
            long values = 0;
            while (!stop.get()) {
                for (Meter meter : registry.getMeters()) {
                    for (Measurement one : meter.measure()) {
                        assertThat(one.getValue()).isFinite().isNotNegative();
                        values++;
                    }
                }
            }
            return values;
        });
        try {
            for (int i = 0; i < 20; i++) {
                Frontend api = addFrontendAndPool(lb);
                await().untilAsserted(() -> assertThat(tags("frontend")).containsExactly("127.0.0.1:any", "api"));
                await().untilAsserted(() -> assertThat(tags("pool")).containsExactly("apis", "default"));
                await().untilAsserted(() -> assertThat(backends()).containsExactly("dead", "live", "red"));
                api.close();
                lb.pool("apis").close();
                await().untilAsserted(() -> assertThat(tags("frontend")).containsExactly("127.0.0.1:any"));
                await().untilAsserted(() -> assertThat(tags("pool")).containsExactly("default"));
                await().untilAsserted(() -> assertThat(backends()).containsExactly("dead", "live"));
            }
        } finally {
            stop.set(true);
        }
        assertThat(reader).succeedsWithin(Duration.ofSeconds(10)).matches(values -> values > 0);
    }

    private Frontend addFrontendAndPool(LoadBalancer to) {
        to.pool("apis", pool -> pool.noHealthCheck()
                .backend(Backend.of("127.0.0.1", echoing.port()).withId("red")));
        return to.listen(
                "127.0.0.1", PortRange.of(0), frontend -> frontend.name("api").pool("apis"));
    }

    @Test
    void meters_goWithTheBalancer_soThatTheNextOfItsNameHasItsOwn() {
        new LoadBalancerMetrics(lb).bindTo(registry);
        lb.close();
        await().untilAsserted(() -> assertThat(registry.getMeters()).isEmpty());
        LoadBalancer next = resources.add(LoadBalancer.builder()
                .name("orders")
                .noHealthCheck()
                .backend("127.0.0.1", refusing.port())
                .start());
        new LoadBalancerMetrics(next).bindTo(registry);
        Peer.connect(next.port()).close();
        await().untilAsserted(
                        () -> assertThat(value("lb4j.connections.accepted")).isOne());
    }

    @Test
    void everyMeter_hasTheNameOfItsBalancerAndADescription() {
        new LoadBalancerMetrics(lb).bindTo(registry);
        assertThat(registry.getMeters()).isNotEmpty().allSatisfy(meter -> {
            assertThat(meter.getId().getName()).startsWith("lb4j.");
            assertThat(meter.getId().getTag("balancer")).isEqualTo("orders");
            if (!meter.getId().getName().endsWith(".histogram")) { // which the registry makes of a timer
                assertThat(meter.getId().getDescription())
                        .as(meter.getId().getName())
                        .isNotBlank();
            }
        });
    }

    @Test
    void secondBalancerOfTheName_isRefusedInWordsThatSayWhatToDo() {
        LoadBalancerMetrics metrics = new LoadBalancerMetrics(lb);
        metrics.bindTo(registry);
        LoadBalancer second = resources.add(LoadBalancer.builder()
                .name("orders")
                .noHealthCheck()
                .backend("127.0.0.1", refusing.port())
                .start());
        assertThatThrownBy(() -> new LoadBalancerMetrics(second).bindTo(registry))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("orders")
                .hasMessageContaining("another name(...)");
        assertThatThrownBy(() -> metrics.bindTo(registry)).isInstanceOf(IllegalStateException.class);
    }

    /** Whoever waits for the end may be told before the meters are. */
    @Test
    void nextBalancerOfTheName_startedWhenTheLastHasEnded_isNeverRefused() {
        LoadBalancer last = lb;
        new LoadBalancerMetrics(last).bindTo(registry);
        for (int i = 0; i < 100; i++) {
            last.drain(Duration.ZERO).join();
            LoadBalancer next = resources.add(LoadBalancer.builder()
                    .name("orders")
                    .noHealthCheck()
                    .backend(Backend.of("127.0.0.1", refusing.port()).withId("next"))
                    .start());
            new LoadBalancerMetrics(next).bindTo(registry);
            last = next;
        }
        await().untilAsserted(() -> assertThat(backends()).containsExactly("next"));
        assertThat(value("lb4j.connections.active")).isZero();
    }

    private Set<String> backends() {
        return tags("backend");
    }

    private Set<String> tags(String tag) {
        Set<String> ids = new TreeSet<>();
        for (Meter meter : List.copyOf(registry.getMeters())) {
            String id = meter.getId().getTag(tag);
            if (id != null) {
                ids.add(id);
            }
        }
        return ids;
    }

    private double value(String name, String... tags) {
        return registry.get(name).tags(tags).meter().measure().iterator().next().getValue();
    }
}
