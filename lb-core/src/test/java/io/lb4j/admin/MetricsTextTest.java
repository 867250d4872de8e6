package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static io.lb4j.admin.AdminClient.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code GET /metrics}: the text format of Prometheus, 0.0.4. */
class MetricsTextTest {
    /** A sample: a name, labels whose values have every backslash, quote and line end escaped, and a number. */
    private static final Pattern SAMPLE =
            Pattern.compile("[a-z_]+\\{([a-z]+=\"([^\"\\\\\\n]|\\\\[\\\\\"n])*\",?)+\\}" + " [-+]?[0-9.]+(E-?[0-9]+)?");

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.saying("hello"));
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .noHealthCheck()
            .backend(Backend.of("127.0.0.1", backend.port()).withId("a\"b\\c"))
            .start());
    private final AdminServer admin =
            resources.add(AdminServer.builder(lb).listen("127.0.0.1", 0).start());

    @Test
    void text_isOfTheFormat() {
        assertThat(ask(admin, "GET /metrics")).contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
        assertThat(lines()).allSatisfy(line -> assertThat(line)
                .satisfiesAnyOf(
                        any -> assertThat(any).matches("# HELP [a-z0-9_]+ .+"),
                        any -> assertThat(any).matches("# TYPE [a-z0-9_]+ (counter|gauge|histogram)"),
                        any -> assertThat(any.replaceAll("\\d(?=[a-z_]*\\{)", ""))
                                .matches(SAMPLE)));
        assertThat(body(admin, "/metrics")).endsWith("\n").contains("backend=\"a\\\"b\\\\c\"");
    }

    @Test
    void linesOfOneMetric_standTogether_behindTheirHelpAndType() {
        LoadBalancer other = resources.add(LoadBalancer.builder()
                .name("stock")
                .noHealthCheck()
                .backend("127.0.0.1", backend.port())
                .start());
        AdminServer both = resources.add(
                AdminServer.builder(lb, other).listen("127.0.0.1", 0).start());
        String text = body(both, "/metrics");
        assertThat(text.split("# TYPE lb4j_connections_active gauge", -1)).hasSize(2);
        assertThat(text)
                .contains("lb4j_connections_active{balancer=\"orders\"} 0\n"
                        + "lb4j_connections_active{balancer=\"stock\"} 0\n");
        assertThat(body(both, "/metrics?balancer=stock")).doesNotContain("orders");
    }

    @Test
    void figures_areThoseOfTheBalancer() {
        for (int i = 0; i < 3; i++) {
            try (Peer client = Peer.connect(lb.port())) {
                assertThat(client.receiveText(5)).isEqualTo("hello");
            }
        }
        await().until(() -> lb.stats().proxy().active() == 0);
        String of = "{balancer=\"orders\",pool=\"default\",backend=\"a\\\"b\\\\c\"";
        assertThat(lines())
                .contains(
                        "lb4j_connections_accepted_total{balancer=\"orders\"} 3",
                        "lb4j_connections_closed_total{balancer=\"orders\",reason=\"NO_BACKEND\"} 0",
                        "lb4j_bytes_total{balancer=\"orders\",direction=\"to_client\"} 15",
                        "lb4j_backend_up" + of + "} 1",
                        "lb4j_backend_connect_attempts_total" + of + "} 3",
                        "lb4j_backend_connect_seconds_bucket" + of + ",le=\"+Inf\"} 3",
                        "lb4j_backend_connect_seconds_bucket" + of + ",le=\"5\"} 3",
                        "lb4j_backend_connect_seconds_count" + of + "} 3");
    }

    @Test
    void frontendsAndPools_areLabels() {
        LoadBalancer named = resources.add(LoadBalancer.builder()
                .name("named")
                .listen("127.0.0.1", 0, frontend -> frontend.name("web").pool("sites"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("api").pool("apis"))
                .pool("sites", pool -> pool.noHealthCheck()
                        .backend(Backend.of("127.0.0.1", backend.port()).withId("blue")))
                .pool("apis", pool -> pool.noHealthCheck()
                        .backend(Backend.of("127.0.0.1", backend.port()).withId("red")))
                .start());
        AdminServer ofNamed =
                resources.add(AdminServer.builder(named).listen("127.0.0.1", 0).start());
        try (Peer client = Peer.connect(named.frontend("api").port())) {
            assertThat(client.receiveText(5)).isEqualTo("hello");
            client.fin().receiveToEnd();
        }
        await().until(() -> named.stats().proxy().closedTotal() == 1);
        String web = "{balancer=\"named\",frontend=\"web\"";
        String api = "{balancer=\"named\",frontend=\"api\"";
        String text = body(ofNamed, "/metrics");
        assertThat(text.lines())
                .contains(
                        "lb4j_frontend_listening" + web + "} 1",
                        "lb4j_frontend_connections_accepted_total" + web + "} 0",
                        "lb4j_frontend_connections_accepted_total" + api + "} 1",
                        "lb4j_frontend_connections_closed_total" + api + ",reason=\"COMPLETED\"} 1",
                        "lb4j_frontend_connections_active" + api + "} 0",
                        "lb4j_frontend_bytes_total" + api + ",direction=\"to_client\"} 5",
                        "lb4j_pool_queue_waiting{balancer=\"named\",pool=\"sites\"} 0",
                        "lb4j_backend_connect_attempts_total{balancer=\"named\",pool=\"apis\",backend=\"red\"} 1",
                        "lb4j_backend_connect_attempts_total{balancer=\"named\",pool=\"sites\",backend=\"blue\"} 0");
        assertThat(text).doesNotContain("lb4j_frontend_connections_closed_total" + web);
    }

    /** What a registry of Prometheus makes of their names: dots become underscores, a counter is a total. */
    @Test
    void names_areThoseOfMicrometer() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new LoadBalancerMetrics(lb).bindTo(registry);
        Set<String> wanted = registry.getMeters().stream()
                .filter(meter -> meter.getId().getName().startsWith("lb4j."))
                .map(MetricsTextTest::nameOf)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> given = lines().stream()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" ")[2])
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(given).containsAll(wanted);
        given.removeAll(wanted);
        assertThat(given).containsExactly("lb4j_uptime_seconds");
    }

    private static String nameOf(Meter meter) {
        String name = meter.getId().getName().replace('.', '_');
        return switch (meter.getId().getType()) {
            case COUNTER -> name + "_total";
            case TIMER -> name + "_seconds";
            // Micrometer's histogram of a simple registry is made of gauges.
            default -> name.replace("_connect_histogram", "_connect_seconds");
        };
    }

    private List<String> lines() {
        return body(admin, "/metrics").lines().toList();
    }
}
