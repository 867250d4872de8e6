package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.AcceptPaused;
import io.lb4j.event.BackendSelected;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.EventOrder;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What listeners are told, and what the stats say of the same, through real sockets. */
class EventsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final EventLog events = new EventLog();

    @Test
    void connection_thatFailsOver_isToldFromBeginToEnd() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        TestBackend echoing = resources.add(TestBackend.echoing());
        Backend dead = Backend.of("127.0.0.1", refusing.port()).withId("dead");
        Backend live = Backend.of("127.0.0.1", echoing.port()).withId("live");
        LoadBalancer lb = start(builder().backend(dead).backend(live));
        try (Peer client = Peer.connect(lb.port())) {
            assertThat(client.send("x").receiveText(1)).isEqualTo("x");
            client.fin().receiveToEnd();
        }
        long id = events.await(ConnectionSummary.class).id();
        List<Object> story = events.events().stream()
                .filter(event -> !(event instanceof EventLog.Membership))
                .toList();
        assertThat(story).hasSizeBetween(6, 7);
        assertThat(story.get(0)).isInstanceOfSatisfying(ConnectionAccepted.class, event -> {
            assertThat(event.id()).isEqualTo(id);
            assertThat(event.listenAddress()).isEqualTo(lb.address());
        });
        assertThat(story.get(1)).isEqualTo(new BackendSelected(id, dead, 1));
        assertThat(story.get(2)).isInstanceOfSatisfying(ConnectAttemptFailed.class, event -> {
            assertThat(event.backend()).isEqualTo(dead);
            assertThat(event.attempt()).isEqualTo(1);
            assertThat(event.kind()).isEqualTo(ConnectFailure.REFUSED);
            assertThat(event.cause()).hasMessageContaining("refused");
            assertThat(event.duration()).isPositive();
        });
        assertThat(story.get(3)).isEqualTo(new BackendSelected(id, live, 2));
        assertThat(story.get(4)).isInstanceOfSatisfying(ConnectionOpened.class, event -> {
            assertThat(event.backend()).isEqualTo(live);
            assertThat(event.backendAddress().getPort()).isEqualTo(echoing.port());
            assertThat(event.attempts()).isEqualTo(2);
        });
        assertThat(story.get(story.size() - 1)).isInstanceOf(ConnectionSummary.class);
        assertThat(lb.stats().proxy().connectFailures(ConnectFailure.REFUSED)).isEqualTo(1);
        assertThat(lb.stats().backends().get("dead").connectFailures()).containsEntry(ConnectFailure.REFUSED, 1L);
    }

    @Test
    void client_forWhomThereIsNoBackend_isRefused() {
        LoadBalancer lb = start(builder().backend("127.0.0.1", 1).selector((candidates, connection) -> null));
        Peer.connect(lb.port()).close();
        ConnectionSummary summary = events.await(ConnectionSummary.class);
        ConnectionRefused refused = events.await(ConnectionRefused.class);
        assertThat(refused)
                .isEqualTo(new ConnectionRefused(
                        summary.id(), summary.clientAddress(), summary.frontend(), CloseReason.NO_BACKEND));
        assertThat(lb.stats().proxy().refused()).containsEntry(CloseReason.NO_BACKEND, 1L);
    }

    @Test
    void accepting_atTheConnectionLimit_pausesAndResumes() {
        TestBackend echoing = resources.add(TestBackend.echoing());
        LoadBalancer lb = start(builder()
                .backend("127.0.0.1", echoing.port())
                .limits(limits -> limits.connections(1))
                .eventLoops(1));
        try (Peer first = Peer.connect(lb.port());
                Peer second = Peer.connect(lb.port())) {
            assertThat(first.send("x").receiveText(1)).isEqualTo("x");
            assertThat(events.await(AcceptPaused.class).cause()).isEqualTo(AcceptPaused.Cause.CONNECTION_LIMIT);
            assertThat(events.of(EventLog.Plain.class)).isEmpty();
            first.fin().receiveToEnd();
            assertThat(second.send("y").receiveText(1)).isEqualTo("y");
            assertThat(events.await(EventLog.Plain.class)).isEqualTo(EventLog.Plain.ACCEPT_RESUMED);
        }
    }

    @Test
    void backends_thatComeAndGo_areToldInOrder() throws Exception {
        TestBackend echoing = resources.add(TestBackend.echoing());
        Backend a = Backend.of("127.0.0.1", echoing.port()).withId("a");
        Backend b = Backend.of("127.0.0.1", echoing.port()).withId("b");
        LoadBalancer lb = start(builder().backend(a));
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("x").receiveText(1)).isEqualTo("x");
        lb.backends().add(b);
        lb.backends().disable("b");
        lb.backends().drain("a", Duration.ofHours(1));
        lb.reconfigure(change -> change.limits(limits -> limits.connections(7)));
        lb.backends().remove("b");
        client.fin().receiveToEnd();
        events.await(DrainEnded.class, 2);
        lb.drain(Duration.ofSeconds(5)).toCompletableFuture().get();
        events.await(DrainEnded.class, 3);
        List<Object> told = events.events().stream()
                .filter(event -> !event.getClass().getSimpleName().startsWith("Connect"))
                .filter(event -> !(event instanceof BackendSelected) && !(event instanceof DrainEnded))
                .toList();
        assertThat(told)
                .extracting(event -> event instanceof BackendStatusChanged changed
                        ? changed.backend().id() + " " + changed.to()
                        : event)
                .containsExactly(
                        new EventLog.Membership(a, true),
                        new EventLog.Membership(b, true),
                        "b DISABLED",
                        "a DRAINING",
                        new DrainBegan(a, 1, Duration.ofHours(1)),
                        EventLog.Plain.RECONFIGURED,
                        new EventLog.Membership(b, false),
                        new DrainBegan(b, 0, null),
                        new DrainBegan(null, 0, Duration.ofSeconds(5)));
        assertThat(events.of(DrainEnded.class))
                .containsExactlyInAnyOrder(
                        new DrainEnded(b, 0, 0), new DrainEnded(a, 1, 0), new DrainEnded(null, 0, 0));
    }

    @Test
    void checks_areToldAndCounted() {
        AtomicBoolean fails = new AtomicBoolean();
        LoadBalancer lb = start(LoadBalancer.builder()
                .listener(events)
                .backend(Backend.of("127.0.0.1", 1).withId("a"))
                .healthCheck(check -> check.interval(Duration.ofMillis(20)).checker((backend, timeout) -> {
                    if (fails.get()) {
                        throw new IllegalStateException("scripted");
                    }
                })));
        assertThat(events.await(HealthCheckEnded.class).result().passed()).isTrue();
        fails.set(true);
        BackendStatusChanged down = events.await(BackendStatusChanged.class);
        assertThat(down.to()).isEqualTo(BackendStatus.DOWN);
        HealthCheckEnded failed = events.of(HealthCheckEnded.class).stream()
                .filter(event -> !event.result().passed())
                .findFirst()
                .orElseThrow();
        assertThat(failed.result().message()).isEqualTo("scripted");
        assertThat(lb.stats().backends().get("a").checksPassed()).isPositive();
        assertThat(lb.stats().backends().get("a").checksFailed()).isPositive();
    }

    @Test
    void listeners_canBeManyAndComeAndGo() {
        EventLog second = new EventLog();
        EventLog late = new EventLog();
        TestBackend echoing = resources.add(TestBackend.echoing());
        LoadBalancer lb = start(builder()
                .listener(new LoadBalancerListener() {
                    @Override
                    public void connectionClosed(ConnectionSummary summary) {
                        throw new IllegalStateException("scripted");
                    }
                })
                .listener(second)
                .backend("127.0.0.1", echoing.port()));
        lb.addListener(late);
        exchange(lb);
        events.await(ConnectionSummary.class);
        second.await(ConnectionSummary.class);
        late.await(ConnectionSummary.class);
        lb.removeListener(late);
        exchange(lb);
        second.await(ConnectionSummary.class, 2);
        assertThat(late.of(ConnectionSummary.class)).hasSize(1);
    }

    /** Short and long, good and bad, from several threads; some are refused, some find no backend that answers. */
    @Test
    void stats_afterLoad_addUp_andEventsAreInOrder() {
        List<String> objections = new CopyOnWriteArrayList<>();
        EventOrder order = new EventOrder(objections::add);
        TestBackend echoing = resources.add(TestBackend.echoing());
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        LoadBalancer lb = start(LoadBalancer.builder()
                .listener(order)
                .noHealthCheck()
                .noOutlierDetection()
                .backend(Backend.of("127.0.0.1", echoing.port()).withId("good"))
                .backend(Backend.of("127.0.0.1", refusing.port()).withId("bad"))
                .selector((candidates, connection) ->
                        connection.clientAddress().getPort() % 10 == 0 ? null : candidates.get(0)));
        List<LoadBalancerStats> intervals = new ArrayList<>();
        LoadBalancerStats before = lb.stats();
        long sent = 0;
        for (int i = 0; i < 300; i++) {
            sent += exchange(lb);
            if (i % 50 == 49) {
                LoadBalancerStats now = lb.stats();
                intervals.add(now.minus(before));
                before = now;
            }
        }
        await().until(() -> lb.stats().proxy().active() == 0 && order.open() == 0);
        LoadBalancerStats end = lb.stats();
        assertThat(objections).isEmpty();
        assertThat(order.ended()).isEqualTo(end.proxy().accepted());
        assertThat(end.proxy().accepted())
                .isEqualTo(end.proxy().active()
                        + end.proxy().refusedTotal()
                        + end.proxy().endedTotal());
        assertThat(end.proxy().bytesToBackend()).isEqualTo(sent);
        assertThat(end.proxy().bytesToClient()).isEqualTo(sent);
        assertThat(end.backends().get("good").bytesToBackend()).isEqualTo(sent);
        assertThat(end.backends().get("good").closedTotal())
                .isEqualTo(end.proxy().endedTotal());
        assertThat(end.proxy().connectTimes().total())
                .isEqualTo(end.backends().get("good").connections());
        intervals.add(end.minus(before));
        assertSum(intervals, end, stats -> stats.proxy().accepted());
        assertSum(intervals, end, stats -> stats.proxy().closedTotal());
        assertSum(intervals, end, stats -> stats.proxy().bytesToClient());
        assertSum(intervals, end, stats -> stats.backends().get("good").attempts());
        assertSum(
                intervals,
                end,
                stats -> stats.backends().get("good").connectTimes().total());
    }

    private static void assertSum(
            List<LoadBalancerStats> intervals, LoadBalancerStats total, ToLongFunction<LoadBalancerStats> counter) {
        assertThat(intervals.stream().mapToLong(counter).sum()).isEqualTo(counter.applyAsLong(total));
    }

    /** Returns how many bytes went each way. */
    private static long exchange(LoadBalancer lb) {
        try (Peer client = Peer.connect(lb.port())) {
            client.send("hello").fin();
            return client.receiveToEnd().count();
        } catch (RuntimeException refused) {
            return 0;
        }
    }

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder().noHealthCheck().noOutlierDetection().listener(events);
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }
}
