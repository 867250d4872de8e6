package io.lb4j;

import static io.lb4j.ConnectFailoverTest.acceptAfterFillers;
import static io.lb4j.ConnectFailoverTest.awaitEnded;
import static io.lb4j.ConnectFailoverTest.statsOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.proxy.DrainResult;
import io.lb4j.stats.BackendStats;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.KernelSockets;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to a client, and what clients do, while a backend neither accepts nor refuses (catalogue, C). */
class ClientDuringConnectTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener events = new RecordingListener();
    private final TestBackend stalled = resources.add(TestBackend.stalled());
    private final LoadBalancerBuilder builder = LoadBalancer.builder()
            .eventLoops(1)
            .noHealthCheck()
            .listener(events)
            .timeouts(timeouts -> timeouts.connect(Duration.ofSeconds(20)))
            .backend("127.0.0.1", stalled.port());

    @Test
    void clientFin_duringConnect_bytesThenEndReachTheBackend() { // C6
        LoadBalancer lb = start();
        try (Peer client = connecting(lb)) {
            client.send(1000, 1).fin();
            IdleProbe.assertIdle(() -> lb.stats().proxy());

            Peer served = acceptAfterFillers(stalled);

            served.receiveAll(1000, 1);
            served.send(2000, 2).close();
            client.receiveAll(2000, 2);
        }
        assertThat(events.awaitClosed().reason()).isEqualTo(CloseReason.COMPLETED);
    }

    @Test
    void clientReset_duringConnect_endsTheConnectionWhenTheBackendAccepts() { // C6
        LoadBalancer lb = start();
        Peer client = connecting(lb);
        client.rst();

        Peer served = acceptAfterFillers(stalled);

        served.receiveThenReset(0, 0);
        assertThat(events.awaitClosed().reason()).isEqualTo(CloseReason.CLIENT_RESET);
        assertReleased(lb);
    }

    @Test
    void clientReset_duringConnect_endsTheConnectionAtTheTimeout() { // C6
        builder.timeouts(timeouts -> timeouts.connect(Duration.ofMillis(100)));
        LoadBalancer lb = start();
        Peer client = connecting(lb);
        client.rst();

        assertThat(events.awaitClosed().reason()).isEqualTo(CloseReason.CONNECT_FAILED);
        assertReleased(lb);
    }

    @Test
    void clientBytes_sentDuringConnect_areAllDeliveredOnceConnected() { // C7
        LoadBalancer lb = start();
        try (Peer client = connecting(lb)) {
            var sent = client.sendInBackground(1_000_000, 3).thenRun(client::fin);

            acceptAfterFillers(stalled).receiveAll(1_000_000, 3);

            sent.join();
        }
    }

    @Test
    void close_duringConnect_resetsTheClientAndCallsTheConnectOff() { // C13
        LoadBalancer lb = start();
        try (Peer client = connecting(lb)) {
            await().until(() -> KernelSockets.connectingTo(stalled.port()) == 1);

            lb.close();

            client.receiveThenReset(0, 0);
        }
        assertThat(events.awaitClosed().reason()).isEqualTo(CloseReason.BALANCER_CLOSED);
        assertReleased(lb);
    }

    @Test
    void drain_thatEndsDuringConnect_resetsTheClientAndCallsTheConnectOff() { // C13
        LoadBalancer lb = start();
        try (Peer client = connecting(lb)) {
            await().until(() -> KernelSockets.connectingTo(stalled.port()) == 1);

            var drained = lb.drain(Duration.ofMillis(50)).toCompletableFuture();

            client.receiveThenReset(0, 0);

            assertThat(drained.join()).isEqualTo(new DrainResult(0, 1));
        }
        assertThat(events.awaitClosed().reason()).isEqualTo(CloseReason.DRAIN_DEADLINE);
        assertReleased(lb);
    }

    @Test
    void drain_duringConnect_letsTheConnectionGoOn() { // C13
        LoadBalancer lb = start();
        try (Peer client = connecting(lb)) {
            var drained = lb.drain(Duration.ofSeconds(20)).toCompletableFuture();
            client.send(1000, 4).fin();

            Peer served = acceptAfterFillers(stalled);

            served.receiveAll(1000, 4);
            served.fin();
            client.receiveAll(0, 0);
            assertThat(drained.join()).isEqualTo(new DrainResult(1, 0));
        }
    }

    private LoadBalancer start() {
        return resources.add(builder.start());
    }

    /** A client whose connection has got as far as dialling. */
    private Peer connecting(LoadBalancer lb) {
        Peer client = resources.add(Peer.connect(lb.port()));
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> lb.stats().proxy().connectAttempts() == 1);
        return client;
    }

    private void assertReleased(LoadBalancer lb) {
        awaitEnded(lb, 1);
        assertThat(KernelSockets.connectingTo(stalled.port())).isZero();
        BackendStats stats = statsOf(lb, stalled.port());
        assertThat(stats.active()).isZero();
        assertThat(stats.bytesToBackend()).isZero();
    }
}
