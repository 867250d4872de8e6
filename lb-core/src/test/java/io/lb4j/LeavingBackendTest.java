package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.health.OnDown;
import io.lb4j.jmx.JmxRegistration;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** E14: what becomes of the connections of a backend that is on no list any more, through real sockets. */
class LeavingBackendTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend one = resources.add(TestBackend.echoing());
    private final TestBackend two = resources.add(TestBackend.echoing());
    private final Backend old = Backend.of("127.0.0.1", one.port()).withId("old");
    private final Backend fresh = Backend.of("127.0.0.1", two.port()).withId("fresh");
    private final AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(old));

    @Test
    void droppedByADiscovery_isSeenEverywhere_andCanBeDrained() throws Exception {
        EventLog events = new EventLog();
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .listener(events)
                .discovery(answer::get, policy -> policy.interval(Duration.ofMillis(20))
                        .vanishedAfter(Duration.ZERO))
                .start());
        AdminServer admin = resources.add(AdminServer.builder(lb).token(TOKEN).start());
        JmxRegistration jmx = resources.add(JmxRegistration.of(lb));
        MeterRegistry meters = new SimpleMeterRegistry();
        new LoadBalancerMetrics(lb).bindTo(meters);
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("a").receiveText(1)).isEqualTo("a");

        answer.set(List.of(fresh));
        await().until(() -> statusOfOld(lb) == BackendStatus.LEAVING);
        assertThat(client.send("b").receiveText(1)).isEqualTo("b");
        assertThat(lb.stats().backends().get("old").active()).isEqualTo(1);
        assertThat(ask(admin, "GET", "/status")).contains("\"id\":\"old\"", "\"status\":\"LEAVING\"");
        CompositeData[] seen =
                (CompositeData[]) ManagementFactory.getPlatformMBeanServer().getAttribute(jmx.name(), "Backends");
        assertThat(seen).extracting(backend -> backend.get("status")).containsExactly("UP", "LEAVING");
        assertThat(activeMeter(meters)).isOne();
        assertThat(lb).hasToString("LoadBalancer " + lb.name() + " on 127.0.0.1:" + lb.port() + ", 1 backends");

        assertThat(ask(admin, "POST", "/backends/old/drain?grace=0")).contains("\"id\":\"fresh\"");
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().until(() -> lb.backends().list().size() == 1);
        await().untilAsserted(() -> assertThat(meters.find("lb4j.backend.connections.active")
                        .tag("backend", "old")
                        .gauge())
                .isNull());
        assertThat(events.of(EventLog.Membership.class))
                .endsWith(new EventLog.Membership(fresh, true), new EventLog.Membership(old, false));
    }

    @Test
    void droppedByADiscovery_withAGrace_isResetThen() {
        EventLog events = new EventLog();
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .listener(events)
                .discovery(answer::get, policy -> policy.interval(Duration.ofMillis(20))
                        .vanishedAfter(Duration.ZERO)
                        .removeWithin(Duration.ofMillis(50)))
                .start());
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("a").receiveText(1)).isEqualTo("a");
        answer.set(List.of(fresh));
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(events.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.BACKEND_DRAINED);
        await().until(() -> lb.backends().list().size() == 1);
    }

    /** After a fail-over, the list may be quicker than the check. */
    @Test
    void leaving_whenItsChecksFail_isClosedLikeAllOthers() {
        AtomicBoolean isPrimary = new AtomicBoolean(true);
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .backend(old)
                .backend(fresh)
                .onDown(OnDown.CLOSE)
                .selector((candidates, connection) -> candidates.get(0))
                .healthCheck(check -> check.interval(Duration.ofMillis(20)).checker((backend, timeout) -> {
                    if (backend.id().equals("old") && !isPrimary.get()) {
                        throw new IOException("read-only");
                    }
                }))
                .start());
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("a").receiveText(1)).isEqualTo("a");
        lb.backends().replaceAll(List.of(fresh));
        assertThat(statusOfOld(lb)).isEqualTo(BackendStatus.LEAVING);
        isPrimary.set(false);
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().until(() -> lb.stats().proxy().closed(CloseReason.BACKEND_DOWN) == 1);
        await().until(() -> lb.backends().list().size() == 1);
    }

    private static BackendStatus statusOfOld(LoadBalancer lb) {
        return lb.backends().list().stream()
                .filter(state -> state.backend().id().equals("old"))
                .map(BackendState::status)
                .findFirst()
                .orElseThrow();
    }

    private static double activeMeter(MeterRegistry meters) {
        return meters.get("lb4j.backend.connections.active")
                .tag("backend", "old")
                .gauge()
                .value();
    }

    private static String ask(AdminServer admin, String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
                .header("Authorization", "Bearer " + TOKEN)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }
}
