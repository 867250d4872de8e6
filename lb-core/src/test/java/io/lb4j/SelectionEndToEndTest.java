package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.event.CloseReason;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Selectors, tiers and limits through real sockets. */
class SelectionEndToEndTest {
    private static final int BACKENDS = 4;

    @RegisterExtension
    final Resources resources = new Resources();

    /**
     * Every fourth connection is held, the others end at once: a rotation over four backends gives all the long ones to
     * one of them.
     */
    @Test
    void heldConnectionsOfMixedLength_thoseThatLookAtConnections_keepThemLower() throws Exception {
        int rotation = mostHeld(BackendSelector.roundRobin());
        assertThat(rotation).isEqualTo(24);
        assertThat(mostHeld(BackendSelector.leastConnections())).isLessThanOrEqualTo(24 / BACKENDS + 1);
        assertThat(mostHeld(BackendSelector.powerOfTwoChoices())).isLessThan(rotation);
    }

    private int mostHeld(BackendSelector selector) throws Exception {
        List<TestBackend> backends = new ArrayList<>();
        LoadBalancerBuilder builder =
                LoadBalancer.builder().eventLoops(1).noHealthCheck().selector(selector);
        for (int i = 0; i < BACKENDS; i++) {
            TestBackend backend = resources.add(TestBackend.echoing());
            backends.add(backend);
            builder.backend("127.0.0.1", backend.port());
        }
        LoadBalancer lb = resources.add(builder.start());
        int most = 0;
        for (int i = 0; i < 24 * BACKENDS; i++) {
            Peer client = resources.add(Peer.connect(lb.port()));
            client.send("x").receiveText(1);
            if (i % BACKENDS != 0) {
                client.fin().receiveToEnd();
                long ended = i - i / BACKENDS;
                await().pollInterval(Duration.ofMillis(1))
                        .until(() -> lb.stats().proxy().closed(CloseReason.COMPLETED) >= ended);
            }
            most = Math.max(most, mostActive(lb));
        }
        lb.close();
        return most;
    }

    private static int mostActive(LoadBalancer lb) {
        return lb.backends().list().stream()
                .mapToInt(BackendState::activeConnections)
                .max()
                .orElseThrow();
    }

    @Test
    void tierAbove_refuses_theNextTierServesAtOnce() throws Exception {
        TestBackend.Refusing main = resources.add(TestBackend.refusing());
        TestBackend backup = resources.add(TestBackend.saying("backup"));
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .backend("127.0.0.1", main.port())
                .backend(Backend.of("127.0.0.1", backup.port()).withPriority(1))
                .start());
        for (int i = 0; i < 3; i++) {
            assertThat(resources.add(Peer.connect(lb.port())).receiveText(6)).isEqualTo("backup");
        }
    }

    @Test
    void backendsLimit_reached_nextGetsTheRestAndRefusesWhenAllAreFull() throws Exception {
        TestBackend one = resources.add(TestBackend.saying("one"));
        TestBackend two = resources.add(TestBackend.saying("two"));
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .noQueue()
                .selector(BackendSelector.first())
                .backend(Backend.of("127.0.0.1", one.port()).withMaxConnections(2))
                .backend(Backend.of("127.0.0.1", two.port()).withMaxConnections(1))
                .start());
        List<Peer> clients = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Peer client = resources.add(Peer.connect(lb.port()));
            clients.add(client);
            answers.add(client.receiveText(3));
        }
        assertThat(answers).containsExactly("one", "one", "two");
        assertThat(resources.add(Peer.connect(lb.port())).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().until(() -> lb.stats().proxy().closed(CloseReason.QUEUE_FULL) == 1);
        clients.get(0).rst();
        await().until(() -> lb.backends().list().get(0).activeConnections() == 1);
        assertThat(resources.add(Peer.connect(lb.port())).receiveText(3)).isEqualTo("one");
    }
}
