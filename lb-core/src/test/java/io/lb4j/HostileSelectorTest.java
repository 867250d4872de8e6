package io.lb4j;

import static io.lb4j.ConnectFailoverTest.awaitEnded;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Selectors that refuse, throw or answer nonsense (catalogue, E7): the connection ends, the loop lives. */
class HostileSelectorTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener events = new RecordingListener();
    private final TestBackend echoing = resources.add(TestBackend.echoing());
    private final AtomicReference<BackendSelector> selector = new AtomicReference<>();
    private final CountDownLatch clientIsConnected = new CountDownLatch(1);
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .eventLoops(1)
            .noHealthCheck()
            .listener(events)
            .backend("127.0.0.1", echoing.port())
            .backend(Backend.of("127.0.0.1", echoing.port()).withId("other"))
            .selector((candidates, connection) -> {
                ConnectFailoverTest.after(clientIsConnected).select(candidates, connection);
                return selector.get().select(candidates, connection);
            })
            .start());

    static Stream<Arguments> hostile() {
        return Stream.of(
                selector("refuses", 0, (candidates, connection) -> null),
                selector("throws", 1, (candidates, connection) -> {
                    throw new IllegalStateException("thrown on purpose");
                }),
                selector("throws an error", 1, (candidates, connection) -> {
                    throw new AssertionError("thrown on purpose");
                }),
                selector("never returns from its recursion", 1, HostileSelectorTest::recurse),
                selector("is out of bounds", 1, (candidates, connection) -> candidates.get(candidates.size())),
                selector("answers with a foreign one", 1, (candidates, connection) -> new Foreign()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void select_hostile_clientIsResetAndTheNextIsServed(String name, int failures, BackendSelector hostile) { // E7
        selector.set(hostile);
        try (Peer client = Peer.connect(lb.port())) {
            clientIsConnected.countDown();
            client.receiveThenReset(0, 0);
        }
        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.NO_BACKEND);
        assertThat(summary.backend()).isNull();
        assertThat(summary.attempts()).isZero();
        assertThat(lb.stats().proxy().guestFailures()).isEqualTo(failures);
        assertThat(lb.stats().proxy().connectAttempts()).isZero();

        assertServes();
        IdleProbe.assertIdle(() -> lb.stats().proxy());
        awaitEnded(lb, 2);
    }

    @Test
    void select_candidateKeptFromAnEarlierConnection_isFineWhileItIsOffered() { // E7
        AtomicReference<Candidate> kept = new AtomicReference<>();
        clientIsConnected.countDown();
        for (int i = 0; i < 3; i++) {
            selector.set((candidates, connection) -> {
                kept.compareAndSet(null, candidates.get(1));
                return kept.get();
            });
            echo();
        }
        assertThat(lb.stats().backends().get("other").connections()).isEqualTo(3);
    }

    private void assertServes() {
        selector.set(BackendSelector.roundRobin());
        echo();
    }

    private void echo() {
        try (Peer client = Peer.connect(lb.port())) {
            client.send("hello");
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }
    }

    private static Candidate recurse(
            io.lb4j.selection.Candidates candidates, io.lb4j.selection.ClientConnection connection) {
        Candidate candidate = recurse(candidates, connection);
        return candidate.activeConnections() < 0 ? candidate : candidates.get(0);
    }

    private static Arguments selector(String name, int failures, BackendSelector selector) {
        return Arguments.of(name, failures, selector);
    }

    private record Foreign() implements Candidate {
        @Override
        public Backend backend() {
            return Backend.of("127.0.0.1", 1);
        }

        @Override
        public int activeConnections() {
            return 0;
        }
    }
}
