package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static io.lb4j.admin.AdminClient.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.testing.Background;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Open connections, as an admin server lists and ends them. */
class OperationsTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.echoing());
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .noHealthCheck()
            .eventLoops(1)
            .backend(Backend.of("127.0.0.1", backend.port()).withId("blue"))
            .start());
    private final AdminServer admin = resources.add(
            AdminServer.builder(lb).token(TOKEN).listen("127.0.0.1", 0).start());

    @Test
    void openConnections_areListed_byBackend() {
        Peer client = talking();
        assertThat(body(admin, "/connections?backend=blue", TOKEN))
                .startsWith("{\"count\":1,\"connections\":[{\"id\":")
                .contains("\"client\":\"127.0.0.1:" + client.socket().getLocalPort() + "\",\"backend\":\"blue\",")
                .contains("\"bytesToBackend\":5,\"bytesToClient\":5}");
        assertThat(body(admin, "/connections", TOKEN)).startsWith("{\"count\":1,");
        assertThat(body(admin, "/connections?backend=nobody", TOKEN)).isEqualTo("{\"count\":0,\"connections\":[]}");
    }

    /** Who a client is, and how much it moves, is not for everybody who reaches the port. */
    @Test
    void openConnections_areForOperatorsAlone() {
        talking();
        String host = "127.0.0.1:" + admin.port();
        assertThat(ask(admin, "GET /connections")).startsWith("HTTP/1.1 401").doesNotContain("\"client\"");
        assertThat(ask(admin, "GET /connections", host, "Authorization: Bearer wrong-token"))
                .startsWith("HTTP/1.1 401");
        assertThat(ask(
                        admin,
                        "GET /connections",
                        host,
                        "Authorization: Bearer " + TOKEN,
                        "Origin: http://evil.example"))
                .startsWith("HTTP/1.1 403");
        AdminServer without =
                resources.add(AdminServer.builder(lb).listen("127.0.0.1", 0).start());
        assertThat(ask(without, "GET /connections")).startsWith("HTTP/1.1 403").doesNotContain("\"client\"");
    }

    @ParameterizedTest
    @CsvSource({"60s, PT60S", "500ms, PT0.5S", "5m, PT5M", "1h, PT1H", "60, PT60S", "0, PT0S"})
    void grace_isADuration_asOnTheCommandLine(String grace, Duration expected) {
        AtomicReference<Duration> begun = new AtomicReference<>();
        lb.addListener(new LoadBalancerListener() {
            @Override
            public void drainBegan(DrainBegan event) {
                begun.set(event.grace());
            }
        });
        assertThat(operate("/backends/blue/drain?grace=" + grace)).startsWith("HTTP/1.1 200");
        await().untilAsserted(() -> assertThat(begun).hasValue(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"grace=", "grace=60x", "grace=-1s", "grace=1.5s", "grace=1234567", "grace=5%20s", "grace=s", ""})
    void grace_thatIsNone_isRefused(String query) {
        assertThat(operate("/backends/blue/drain?" + query))
                .startsWith("HTTP/1.1 400")
                .contains("60s, 5m or 1h");
    }

    /** The second drain makes it shorter: what is shown is what will be. */
    @Test
    void drainThatIsShortened_tellsWhenTheRestIsReset_untilItIsCalledOff() {
        talking();
        assertThat(lb.backends().get("blue").drainedUntil()).isEmpty();
        var first = lb.backends().drain("blue", Duration.ofHours(10));
        assertThat(endsInMillis()).isGreaterThan(Duration.ofHours(9).toMillis());
        var second = lb.backends().drain("blue", Duration.ofHours(1));
        assertThat(endsInMillis()).isBetween(1L, Duration.ofHours(1).toMillis());
        assertThat(first.toCompletableFuture()).isNotDone();
        assertThat(second.toCompletableFuture()).isNotDone();
        lb.backends().enable("blue");
        assertThat(lb.backends().get("blue").drainedUntil()).isEmpty();
        assertThat(body(admin, "/status")).contains("\"endsInMillis\":null");
    }

    private long endsInMillis() {
        Matcher ends = Pattern.compile("\"endsInMillis\":(\\d+)").matcher(body(admin, "/status"));
        assertThat(ends.find()).isTrue();
        return Long.parseLong(ends.group(1));
    }

    private String operate(String path) {
        return ask(admin, "POST " + path, "127.0.0.1:" + admin.port(), "Authorization: Bearer " + TOKEN);
    }

    @Test
    void connection_isEnded_withTheTokenAlone() {
        Peer client = talking();
        String close = "POST /connections/" + id() + "/close";
        String host = "127.0.0.1:" + admin.port();
        assertThat(ask(admin, close)).startsWith("HTTP/1.1 401").contains("WWW-Authenticate: Bearer");
        try (LogCapture log = LogCapture.open()) {
            assertThat(ask(admin, close, host, "Authorization: Bearer " + TOKEN))
                    .startsWith("HTTP/1.1 200");
            assertThat(log.messages("admin: connection"))
                    .singleElement()
                    .asString()
                    .startsWith("orders: admin: ");
        }
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().until(() -> lb.stats().proxy().closed(CloseReason.CLOSED_BY_OPERATOR) == 1);
        assertThat(ask(admin, close, host, "Authorization: Bearer " + TOKEN)).startsWith("HTTP/1.1 404");
        assertThat(ask(admin, "POST /connections/x/close", host)).startsWith("HTTP/1.1 405");
    }

    @Test
    void rebalance_ofABackendOrOfAll_endsThatPart() {
        Peer first = talking();
        Peer second = talking();
        String wrong = operate("/connections/rebalance?percent=0&over=0s");
        assertThat(wrong).startsWith("HTTP/1.1 400").contains("percent: 0 (expected: 1..100)");
        assertThat(operate("/connections/rebalance?percent=50")).startsWith("HTTP/1.1 400");
        assertThat(operate("/backends/nobody/rebalance?percent=50&over=0s")).startsWith("HTTP/1.1 404");
        assertThat(ask(admin, "POST /connections/rebalance?percent=50&over=0s")).startsWith("HTTP/1.1 401");
        assertThat(operate("/connections/rebalance?percent=100&over=0s")).startsWith("HTTP/1.1 200");
        assertThat(first.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(second.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        Peer third = talking();
        String id = lb.backends().list().get(0).backend().id();
        assertThat(operate("/backends/" + id + "/rebalance?percent=100&over=10ms"))
                .startsWith("HTTP/1.1 200");
        assertThat(third.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
    }

    /** What is remembered belongs to the admin thread; a connection is ended elsewhere. */
    @Test
    void answerToAChange_isMadeOnTheAdminThread() {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        AdminClock clock = new AdminClock(System::nanoTime, () -> {
            threads.add(Thread.currentThread().getName());
            return System.currentTimeMillis();
        });
        AdminServer watched = resources.add(AdminServer.builder(lb)
                .clock(clock)
                .token(TOKEN)
                .listen("127.0.0.1", 0)
                .start());
        Peer client = talking();
        threads.clear();
        assertThat(ask(
                        watched,
                        "POST /connections/" + id() + "/close",
                        "127.0.0.1:" + watched.port(),
                        "Authorization: Bearer " + TOKEN))
                .startsWith("HTTP/1.1 200");
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(threads).containsExactly("lb-orders-admin");
    }

    /** The story of a guest that holds its loop: whoever asks for connections waits, and nobody else does. */
    @Test
    void loopThatAGuestHolds_keepsNoOtherRequestWaiting() {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch holds = new CountDownLatch(1);
        lb.addListener(new LoadBalancerListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                holds.countDown();
                try {
                    held.await();
                } catch (InterruptedException over) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        resources.add(Peer.connect(lb.port()));
        await().until(() -> holds.getCount() == 0);
        var asked = Background.supply(() -> body(admin, "/connections", TOKEN));
        for (int i = 0; i < 20; i++) {
            assertThat(Background.supply(() -> ask(admin, "GET /health")))
                    .succeedsWithin(Duration.ofSeconds(5))
                    .asString()
                    .startsWith("HTTP/1.1 200");
        }
        assertThat(asked).isNotDone();
        held.countDown();
        assertThat(asked).succeedsWithin(Duration.ofSeconds(10)).asString().startsWith("{\"count\":1,");
    }

    private Peer talking() {
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
        return client;
    }

    private String id() {
        Matcher id = Pattern.compile("\"id\":(\\d+)").matcher(body(admin, "/connections", TOKEN));
        assertThat(id.find()).isTrue();
        return id.group(1);
    }
}
