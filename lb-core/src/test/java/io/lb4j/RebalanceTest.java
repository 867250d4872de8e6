package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** README: connections().rebalance. Through real sockets. */
class RebalanceTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener events = new RecordingListener();

    @Test
    void rebalance_atOnce_endsThoseThatAreSilentLongest() {
        LoadBalancer lb = start(1);
        List<Peer> clients = connect(lb, 20);
        // Later than all others, whatever the resolution of a clock is.
        await().until(() -> lb.connections().list().join().stream()
                .allMatch(one -> one.idle().toMillis() > 5));
        List<Peer> busy = clients.subList(5, 10);
        busy.forEach(client -> client.send("x").receiveText(1));
        assertThat(lb.connections().rebalance(75, Duration.ZERO))
                .succeedsWithin(SOON)
                .isEqualTo(15);
        await().until(() -> events.closed().size() == 15);
        assertThat(events.closed()).extracting(ConnectionSummary::reason).containsOnly(CloseReason.REBALANCED);
        busy.forEach(client -> assertThat(client.send("y").receiveText(1)).isEqualTo("y"));
        assertThat(lb.stats().proxy().active()).isEqualTo(5);
    }

    @Test
    void rebalance_ofOneBackend_leavesTheOthersAlone() {
        LoadBalancer lb = start(2);
        connect(lb, 10);
        assertThat(lb.connections().rebalance("b0", 50, Duration.ofMillis(50)))
                .succeedsWithin(SOON)
                .isEqualTo(3);
        await().until(() -> lb.backends().get("b0").activeConnections() == 2);
        assertThat(lb.backends().get("b1").activeConnections()).isEqualTo(5);
    }

    /** Whoever comes back meanwhile has moved: all of the old ones are ended, and none of the new ones. */
    @Test
    void rebalance_whileClientsComeBack_endsTheOldOnesAlone() {
        LoadBalancer lb = start(1);
        connect(lb, 30);
        CompletableFuture<Integer> over = lb.connections().rebalance(100, Duration.ofMillis(300));
        List<Peer> back = new ArrayList<>();
        await().pollInterval(Duration.ofMillis(2)).until(() -> {
            while (back.size() < events.closed().size()) {
                back.addAll(connect(lb, 1));
            }
            return over.isDone();
        });
        assertThat(over).isCompletedWithValue(30);
        await().until(() -> events.closed().size() == 30);
        back.forEach(client -> assertThat(client.send("y").receiveText(1)).isEqualTo("y"));
    }

    @Test
    void rebalance_thoseThatEndByThemselves_countForIt() {
        LoadBalancer lb = start(1);
        List<Peer> clients = connect(lb, 10);
        LogCapture log = resources.add(LogCapture.open());
        CompletableFuture<Integer> over = lb.connections().rebalance(50, Duration.ofMillis(500));
        // Whoever ends before is not counted: the last one alone would be half of all.
        await().until(() -> !log.messages("rebalancing: 5 of 10 connections").isEmpty());
        clients.subList(0, 9).forEach(client -> client.fin().receiveToEnd());
        assertThat(over).succeedsWithin(SOON).satisfies(ended -> assertThat(ended)
                .isLessThan(5));
        assertThat(clients.get(9).send("y").receiveText(1)).isEqualTo("y");
    }

    @Test
    void rebalance_whoseBalancerEnds_isOver() {
        LoadBalancer lb = start(1);
        connect(lb, 4);
        CompletableFuture<Integer> over = lb.connections().rebalance(100, Duration.ofHours(1));
        lb.close();
        assertThat(over).succeedsWithin(SOON).isEqualTo(0);
        assertThat(lb.connections().rebalance(100, Duration.ofHours(1)))
                .succeedsWithin(SOON)
                .isEqualTo(0);
    }

    @Test
    void rebalance_withoutConnections_endsNone() {
        assertThat(start(1).connections().rebalance(100, Duration.ZERO))
                .succeedsWithin(SOON)
                .isEqualTo(0);
    }

    @Test
    void rebalance_ofWrongArguments_isRefused() {
        Connections connections = start(1).connections();
        assertThatThrownBy(() -> connections.rebalance(0, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("percent: 0 (expected: 1..100)");
        assertThatThrownBy(() -> connections.rebalance(1, Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> connections.rebalance("nobody", 1, Duration.ZERO))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("nobody");
    }

    private LoadBalancer start(int backends) {
        LoadBalancerBuilder builder =
                LoadBalancer.builder().listen("127.0.0.1", 0).noHealthCheck().listener(events);
        for (int i = 0; i < backends; i++) {
            TestBackend server = resources.add(TestBackend.echoing());
            builder.backend(Backend.of("127.0.0.1", server.port()).withId("b" + i));
        }
        return resources.add(builder.start());
    }

    private List<Peer> connect(LoadBalancer lb, int count) {
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Peer client = resources.add(Peer.connect(lb.port()));
            assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
            clients.add(client);
        }
        return clients;
    }
}
