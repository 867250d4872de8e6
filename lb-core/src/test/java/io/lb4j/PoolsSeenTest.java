package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.admin.AdminServer;
import io.lb4j.backend.BackendStatus;
import io.lb4j.jmx.JmxRegistration;
import io.lb4j.jmx.LoadBalancerMXBean;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.testing.Resources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import javax.management.JMX;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whoever shows a balancer shows the backends of all its pools, and changes whichever he names. */
class PoolsSeenTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    /** Without a default pool. */
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .listen("127.0.0.1", 0, frontend -> frontend.route(connection -> null))
            .pool("api", pool -> pool.backend("127.0.0.1", 1).noHealthCheck())
            .pool("web", pool -> pool.backend("127.0.0.1", 1).noHealthCheck())
            .start());

    @Test
    void admin_showsAndChangesAll() throws Exception {
        AdminServer admin = resources.add(
                AdminServer.builder(lb).token(TOKEN).listen("127.0.0.1", 0).start());
        assertThat(send(admin, "GET", "/status"))
                .contains("\"selector\":\"roundRobin\"")
                .contains("\"id\":\"api/127.0.0.1:1\"")
                .contains("\"id\":\"web/127.0.0.1:1\"");
        assertThat(send(admin, "GET", "/metrics")).contains("web/127.0.0.1:1");
        assertThat(send(admin, "GET", "/health")).contains("2");
        send(admin, "POST", "/backends/web%2F127.0.0.1%3A1/disable");
        assertThat(status()).isEqualTo(BackendStatus.DISABLED);
        assertThat(send(admin, "GET", "/status")).contains("\"status\":\"DISABLED\"");
    }

    @Test
    void jmx_showsAndChangesAll() {
        JmxRegistration registration = resources.add(JmxRegistration.of(lb));
        LoadBalancerMXBean bean = JMX.newMXBeanProxy(
                ManagementFactory.getPlatformMBeanServer(), registration.name(), LoadBalancerMXBean.class);
        assertThat(bean.getBackends()).hasSize(2);
        bean.disableBackend("web/127.0.0.1:1");
        assertThat(status()).isEqualTo(BackendStatus.DISABLED);
    }

    @Test
    void meters_areThereForAll() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new LoadBalancerMetrics(lb).bindTo(registry);
        for (String id : new String[] {"api/127.0.0.1:1", "web/127.0.0.1:1"}) {
            assertThat(registry.get("lb4j.backend.up")
                            .tag("backend", id)
                            .gauge()
                            .value())
                    .isEqualTo(1);
        }
        lb.pool("web").close();
        await().until(() -> registry.find("lb4j.backend.up")
                        .tag("backend", "web/127.0.0.1:1")
                        .gauge()
                == null);
        assertThat(registry.get("lb4j.backend.up").gauges()).hasSize(1);
    }

    private BackendStatus status() {
        return lb.pool("web").backends().get("web/127.0.0.1:1").status();
    }

    private static String send(AdminServer admin, String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
                .header("Authorization", "Bearer " + TOKEN)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(200);
        return answer.body();
    }
}
