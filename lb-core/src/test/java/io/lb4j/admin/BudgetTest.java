package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static io.lb4j.admin.AdminClient.body;
import static io.lb4j.admin.AdminClient.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What big answers may cost the host: memory that clients who do not read hold, and the admin thread's time. */
class BudgetTest {
    /** Their status is some ten MB. */
    private static final int MANY = 12_000;

    @RegisterExtension
    final Resources resources = new Resources();

    private final ManualClock time = ManualClock.create();
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .noHealthCheck()
            .backend(Backend.of("10.0.0.1", 80).withId("blue"))
            .start());
    private final AdminServer admin = resources.add(AdminServer.builder(lb)
            .clock(new AdminClock(time, () -> time.getAsLong() / 1_000_000))
            .listen("127.0.0.1", 0)
            .start());

    @Test
    void bigAnswers_thatNobodyReads_leaveRoomForSmallOnesAlone() {
        haveMany();
        for (int i = 0; i < 8; i++) {
            send("/status");
        }
        assertThat(readAll(send("/status"))).startsWith("HTTP/1.1 503");
        assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 200");
    }

    @Test
    void bigAnswer_toOneWhoReads_isWhole() {
        haveMany();
        assertThat(body(admin, "/status"))
                .contains("\"b0\"", "\"b" + (MANY - 1) + "\"")
                .endsWith("]}");
    }

    @Test
    void metrics_withinASecond_areTheSame() {
        String first = body(admin, "/metrics");
        lb.backends().add(Backend.of("10.0.0.2", 80).withId("green"));
        assertThat(body(admin, "/metrics")).isEqualTo(first);
        time.advance(Duration.ofSeconds(1));
        assertThat(body(admin, "/metrics")).contains("backend=\"green\"");
    }

    @Test
    void metrics_ofABackend_leaveOutWhatHasNotHappened() {
        assertThat(body(admin, "/metrics"))
                .contains("# TYPE lb4j_backend_connect_failures_total counter")
                .doesNotContain("lb4j_backend_connect_failures_total{")
                .doesNotContain("lb4j_backend_connections_closed_total{");
    }

    private void haveMany() {
        List<Backend> many = IntStream.range(0, MANY)
                .mapToObj(i -> Backend.of("10.1.0.1", 80).withId("b" + i))
                .toList();
        lb.backends().replaceAll(many);
    }

    private Peer send(String path) {
        Peer client = resources.add(Peer.connect(admin.port()));
        client.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + admin.port() + "\r\n\r\n");
        return client;
    }
}
