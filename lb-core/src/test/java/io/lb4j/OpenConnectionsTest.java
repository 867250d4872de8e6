package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.stats.OpenConnection;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Looking at open connections, and ending one. */
class OpenConnectionsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener events = new RecordingListener();
    private final TestBackend first = resources.add(TestBackend.echoing());
    private final TestBackend second = resources.add(TestBackend.echoing());
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("open")
            .noHealthCheck()
            .listener(events)
            .eventLoops(3)
            .backend(Backend.of("127.0.0.1", first.port()).withId("first"))
            .backend(Backend.of("127.0.0.1", second.port()).withId("second"))
            .start());

    @Test
    void list_hasEveryConnection_withItsClientItsBackendAndItsBytes() {
        List<Peer> clients = IntStream.range(0, 6).mapToObj(i -> talking()).toList();
        List<OpenConnection> open = get(lb.connections().list());
        assertThat(open).hasSize(6);
        assertThat(open)
                .extracting(one -> one.clientAddress().getPort())
                .containsExactlyInAnyOrderElementsOf(clients.stream()
                        .map(client -> client.socket().getLocalPort())
                        .toList());
        assertThat(open).extracting(OpenConnection::id).doesNotHaveDuplicates();
        assertThat(open).allSatisfy(one -> {
            assertThat(one.bytesToBackend()).isEqualTo(5);
            assertThat(one.bytesToClient()).isEqualTo(5);
            assertThat(one.age()).isGreaterThanOrEqualTo(one.idle()).isPositive();
        });
        assertThat(get(lb.connections().list("first")))
                .hasSize(3)
                .extracting(OpenConnection::backend)
                .containsOnly("first");
        assertThat(get(lb.connections().list("nobody"))).isEmpty();
    }

    @Test
    void connection_whileItIsConnected_hasNoBackend_andCanBeEnded() {
        TestBackend stalled = resources.add(TestBackend.stalled());
        lb.backends().replaceAll(List.of(Backend.of("127.0.0.1", stalled.port())));
        Peer client = resources.add(Peer.connect(lb.port()));
        await().until(() -> get(lb.connections().list()).size() == 1);
        OpenConnection waiting = get(lb.connections().list()).get(0);
        assertThat(waiting.backend()).isNull();
        assertThat(get(lb.connections().close(waiting.id()))).isTrue();
        assertThat(events.awaitClosed().terminationCode()).isEqualTo("KC");
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
    }

    @Test
    void close_resetsThatOne_andNoOther() {
        Peer victim = talking();
        Peer other = talking();
        OpenConnection seen = get(lb.connections().list()).stream()
                .filter(one -> one.clientAddress().getPort() == victim.socket().getLocalPort())
                .findFirst()
                .orElseThrow();
        assertThat(get(lb.connections().close(seen.id()))).isTrue();
        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.id()).isEqualTo(seen.id());
        assertThat(summary.reason()).isEqualTo(CloseReason.CLOSED_BY_OPERATOR);
        assertThat(summary.endedBy()).isEqualTo(Party.BALANCER);
        assertThat(summary.terminationCode()).isEqualTo("KD");
        assertThat(victim.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(get(lb.connections().close(seen.id()))).isFalse();
        assertThat(other.send("again").receiveText(5)).isEqualTo("again");
    }

    @Test
    void closedBalancer_hasNone() {
        talking();
        lb.close();
        assertThat(get(lb.connections().list())).isEmpty();
        assertThat(get(lb.connections().close(1))).isFalse();
    }

    /** A loop that has ended answers nothing by itself; others go on for as long as the drain lets them. */
    @Test
    void drainingBalancer_ofWhichSomeLoopsHaveEnded_tellsOfTheRest() {
        talking();
        talking();
        lb.drain(Duration.ofMinutes(10));
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("lb-open-io-"))
                        .count()
                < 3);
        assertThat(get(lb.connections().list())).hasSize(2);
        // The same is asked of them when a backend's grace is over.
        assertThat(get(lb.backends().drain("first", Duration.ZERO)).aborted()).isEqualTo(1);
        assertThat(get(lb.connections().list())).hasSize(1);
    }

    private Peer talking() {
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
        return client;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
