package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Background;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, and when (catalogue, D). */
class AcceptingTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend echoing = resources.add(TestBackend.echoing());
    private final LoadBalancerBuilder builder =
            LoadBalancer.builder().noHealthCheck().backend("127.0.0.1", echoing.port());

    @Test
    void clients_thatResetBeforeTheyAreAccepted_areCountedAndDoNoHarm() { // D6
        int resets = 1000;
        CountDownLatch held = new CountDownLatch(1);
        LoadBalancer lb = start(builder.eventLoops(1).listener(new LoadBalancerListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                hold(held);
            }
        }));

        try (Peer first = Peer.connect(lb.port())) {
            await().until(() -> lb.stats().proxy().accepted() == 1);
            for (int i = 0; i < resets; i++) {
                Peer.connect(lb.port()).rst();
            }
            assertThat(lb.stats().proxy().accepted()).isEqualTo(1);
            held.countDown();

            awaitEnded(lb, resets, 1);
            assertThat(lb.stats().proxy().accepted()).isEqualTo(1 + resets);
            assertThat(lb.stats().proxy().closed(CloseReason.CLIENT_RESET)).isEqualTo(resets);
            assertEchoes(first);
        }
        try (Peer next = Peer.connect(lb.port())) {
            assertEchoes(next);
        }
        awaitEnded(lb, resets + 2L, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void maxConnections_reached_nextClientWaitsUntilOneEnds(int eventLoops) { // D7
        LoadBalancer lb = start(builder.eventLoops(eventLoops).limits(limits -> limits.connections(2)));
        Peer first = resources.add(Peer.connect(lb.port()));
        Peer second = resources.add(Peer.connect(lb.port()));
        assertEchoes(first);
        assertEchoes(second);

        Peer third = resources.add(Peer.connect(lb.port()));
        third.send("third");
        await().until(() -> lb.stats().proxy().acceptPauses() > 0);
        IdleProbe.assertIdle(() -> lb.stats().proxy());
        assertThat(lb.stats().proxy().accepted()).isEqualTo(2);

        first.close();
        assertThat(third.receiveText(5)).isEqualTo("third");
        assertEchoes(second);
        assertThat(lb.stats().proxy().active()).isEqualTo(2);
        assertThat(lb.stats().proxy().accepted()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void maxConnections_underManyClients_isNeverExceededAndAllAreServed(int eventLoops) { // D7
        int limit = 3;
        int clients = 8;
        int rounds = 50;
        AtomicInteger most = new AtomicInteger();
        BackendSelector watching = (candidates, connection) -> {
            // The connection that is being routed has its place already and is not yet counted at its backend.
            most.accumulateAndGet(candidates.get(0).activeConnections() + 1, Math::max);
            return candidates.get(0);
        };
        LoadBalancer lb = start(builder.eventLoops(eventLoops)
                .limits(limits -> limits.connections(limit))
                .selector(watching));

        List<CompletableFuture<Void>> running = IntStream.range(0, clients)
                .mapToObj(i -> Background.run(() -> {
                    for (int round = 0; round < rounds; round++) {
                        try (Peer client = Peer.connect(lb.port())) {
                            assertEchoes(client);
                        }
                    }
                }))
                .toList();
        running.forEach(CompletableFuture::join);

        awaitEnded(lb, (long) clients * rounds, 0);
        assertThat(most).hasValueBetween(1, limit);
        assertThat(lb.stats().proxy().acceptPauses()).isPositive();
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }

    private static void assertEchoes(Peer client) {
        client.send("hello");
        assertThat(client.receiveText(5)).isEqualTo("hello");
    }

    private static void awaitEnded(LoadBalancer lb, long connections, long left) {
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> lb.stats().proxy().closedTotal() == connections);
        assertThat(lb.stats().proxy().active()).isEqualTo(left);
    }

    private static void hold(CountDownLatch latch) {
        try {
            assertThat(latch.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
