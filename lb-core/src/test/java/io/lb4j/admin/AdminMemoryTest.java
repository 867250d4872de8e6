package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static io.lb4j.admin.AdminClient.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an admin server remembers: events, and figures of the last hour. */
class AdminMemoryTest {
    private static final String TOKEN = "a-long-token";
    private static final long WALL = 1_700_000_000_000L;
    private static final Backend BLUE = Backend.of("10.0.0.1", 80).withId("blue");

    @RegisterExtension
    final Resources resources = new Resources();

    private final ManualClock time = ManualClock.create();
    private final AdminClock clock = new AdminClock(time, () -> WALL + time.getAsLong() / 1_000_000);
    private final TestBackend backend = resources.add(TestBackend.saying("x"));
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .noHealthCheck()
            .backend(Backend.of("127.0.0.1", backend.port()).withId("blue"))
            .start());

    // ---- events

    @Test
    void backendThatIsBack_isToldWithHowLongItWasAway() {
        EventLog log = new EventLog(clock);
        log.backendStatusChanged(
                change(BackendStatus.UP, BackendStatus.DOWN, "after 3 failed checks (Connection refused)"));
        time.advance(Duration.ofSeconds(17));
        log.backendStatusChanged(change(BackendStatus.DOWN, BackendStatus.UP, "after 1 passed check"));
        assertThat(log.all()).hasSize(2);
        assertThat(log.all().get(0).text()).isEqualTo("after 3 failed checks (Connection refused)");
        PastEvent up = log.all().get(1);
        assertThat(up)
                .isEqualTo(new PastEvent(clock.nowMillis(), "UP", "blue", "after 1 passed check", "DOWN", 17_000));
    }

    @Test
    void events_moreThanAreKept_leaveTheLast() {
        EventLog log = new EventLog(clock);
        for (int i = 1; i <= 1000; i++) {
            log.operated("blue", "act " + i);
        }
        assertThat(log.all()).hasSize(EventLog.KEPT);
        assertThat(log.all().get(0).text()).isEqualTo("act 801");
        assertThat(log.count()).isEqualTo(1000);
    }

    @Test
    void text_ofAnyLength_isCut() {
        EventLog log = new EventLog(clock);
        log.backendStatusChanged(change(BackendStatus.UP, BackendStatus.DOWN, "x".repeat(100_000)));
        assertThat(log.all().get(0).text()).hasSizeLessThan(400);
    }

    @Test
    void whatHappens_isInTheHistory_withTheOperatorsActs() {
        AdminServer admin = start(AdminServer.builder(lb).token(TOKEN));
        String host = "127.0.0.1:" + admin.port();
        assertThat(ask(admin, "POST /backends/blue/disable", host, "Authorization: Bearer " + TOKEN))
                .startsWith("HTTP/1.1 200");
        await().untilAsserted(() -> assertThat(body(admin, "/history"))
                .contains("\"what\":\"OPERATOR\",\"backend\":\"blue\",\"text\":\"disable\"")
                .contains("\"what\":\"DISABLED\",\"backend\":\"blue\"")
                .contains("\"before\":\"UP\",\"lastedMillis\":"));
        assertThat(body(admin, "/status")).contains("\"eventCount\":2,");
    }

    // ---- figures

    @Test
    void figures_oneInTenSeconds_areKept() {
        AdminServer admin = start(AdminServer.builder(lb));
        serve(20);
        time.advance(Duration.ofSeconds(10));
        await().untilAsserted(() -> assertThat(body(admin, "/history"))
                .contains("\"stepMillis\":10000,\"times\":[" + clock.nowMillis() + "]")
                .contains("\"total\":{\"connections\":[2],\"active\":[0],\"failures\":[0]")
                .contains("\"backends\":[{\"id\":\"blue\",\"connections\":[2],\"active\":[0],\"failures\":[0]}]"));
        assertThat(body(admin, "/history?after=1")).contains("\"last\":1,").contains("\"times\":[]");
    }

    @Test
    void balancerThatFails_doesNotKeepOthersFromTheirFigures() {
        AtomicBoolean fails = new AtomicBoolean();
        AdminClock failing = new AdminClock(time, () -> {
            if (fails.get()) {
                throw new IllegalStateException("for a test");
            }
            return clock.nowMillis();
        });
        Shown first = new Shown(lb, failing);
        Shown second = new Shown(lb, clock);
        Sampler sampler = new Sampler(clock, List.of(first, second));
        time.advance(Duration.ofSeconds(10));
        fails.set(true);
        try (LogCapture log = LogCapture.open()) {
            sampler.sampleIfDue();
            assertThat(log.messages("no figures")).singleElement().asString().startsWith(lb.name() + ": admin: ");
        }
        assertThat(json(second.history, 0)).contains("\"times\":[" + clock.nowMillis() + "]");
        first.close();
        second.close();
    }

    @Test
    void figures_overMoreThanIsKept_leaveTheLast() {
        History history = new History(clock, lb);
        for (int i = 0; i < 1000; i++) {
            time.advance(Duration.ofSeconds(10));
            sample(history);
        }
        String json = json(history, 0);
        assertThat(json).contains("\"times\":[" + (clock.nowMillis() - 399 * 10_000) + ",");
        assertThat(json).contains("," + clock.nowMillis() + "]");
        assertThat(json(history, 999)).contains("\"times\":[" + clock.nowMillis() + "]");
    }

    @Test
    void wallClockThatStepsBack_hidesNoFigures() {
        AtomicLong wall = new AtomicLong(WALL);
        History history = new History(new AdminClock(time, wall::get), lb);
        sample(history);
        wall.addAndGet(-3_600_000);
        sample(history);
        assertThat(json(history, 1)).contains("\"last\":2,").contains("\"times\":[" + wall.get() + "]");
        assertThat(json(history, 0)).contains("\"times\":[" + WALL + "," + wall.get() + "]");
    }

    /** A page that was open while the server started anew has a number of the one before. */
    @Test
    void figures_afterANumberThatIsNoneOfHere_areAll() {
        History history = new History(clock, lb);
        sample(history);
        assertThat(json(history, 300)).contains("\"last\":1,").contains("\"times\":[" + clock.nowMillis() + "]");
    }

    @Test
    void backends_moreThanAreKept_haveNoHistory_andThoseThatAreGoneMakeRoom() {
        History history = new History(clock, lb);
        lb.backends().replaceAll(many(0, History.MOST_BACKENDS + 100));
        sample(history);
        assertThat(tracks(history)).isEqualTo(History.MOST_BACKENDS);
        lb.backends().replaceAll(many(10_000, 50));
        sample(history);
        assertThat(tracks(history)).isEqualTo(50);
    }

    @Test
    void most_thatWereOpen_isShown() {
        AdminServer admin = start(AdminServer.builder(lb));
        TestBackend holding = resources.add(TestBackend.echoing());
        lb.backends()
                .replaceAll(List.of(Backend.of("127.0.0.1", holding.port())
                        .withId("holding")
                        .withMaxConnections(9)));
        try (Peer client = Peer.connect(lb.port())) {
            assertThat(client.send("x").receiveText(1)).isEqualTo("x");
            body(admin, "/status");
        }
        await().until(() -> lb.stats().proxy().active() == 0);
        assertThat(body(admin, "/status"))
                .contains("\"active\":0,\"mostActive\":1,\"maxConnections\":null")
                .contains("\"active\":0,\"mostActive\":1,\"maxConnections\":9");
    }

    private void serve(int connections) {
        for (int i = 0; i < connections; i++) {
            try (Peer client = Peer.connect(lb.port())) {
                assertThat(client.receiveText(1)).isEqualTo("x");
            }
        }
        await().until(() -> lb.stats().proxy().active() == 0);
    }

    private static List<Backend> many(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> Backend.of("10.1.0.1", 80).withId("b" + i))
                .toList();
    }

    private void sample(History history) {
        history.sample(lb.stats(), lb.backends().list());
    }

    private static int tracks(History history) {
        return json(history, 0).split("\"id\":", -1).length - 1;
    }

    private static String json(History history, long after) {
        Json json = new Json().begin();
        history.write(json, after);
        return json.end().toString();
    }

    private static BackendStatusChanged change(BackendStatus from, BackendStatus to, String reason) {
        return new BackendStatusChanged(BLUE, from, to, reason);
    }

    private AdminServer start(AdminServerBuilder builder) {
        return resources.add(builder.clock(clock).listen("127.0.0.1", 0).start());
    }
}
