package io.lb4j.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
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
        await().untilAsserted(
                        () -> assertThat(value("lb4j.backend.connect.failures", "backend", "dead", "kind", "REFUSED"))
                                .isOne());
        assertThat(value("lb4j.backend.connect.failures", "backend", "dead", "kind", "TIMED_OUT"))
                .isZero();
        assertThat(value("lb4j.connections.closed", "reason", "CONNECT_FAILED")).isOne();
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
        Set<String> ids = new TreeSet<>();
        for (Meter meter : List.copyOf(registry.getMeters())) {
            String id = meter.getId().getTag("backend");
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
