package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitAllClosed;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A listener is told of the end of each accepted connection once, with the right bytes and the right reason. */
class SummariesTest {
    private final List<ConnectionOpened> opened = new CopyOnWriteArrayList<>();
    private final List<ConnectionSummary> closed = new CopyOnWriteArrayList<>();
    private final ConnectionListener recorder = new ConnectionListener() {
        @Override
        public void connectionOpened(ConnectionOpened event) {
            opened.add(event);
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            closed.add(summary);
        }
    };
    private final CountDownLatch gate = new CountDownLatch(1);
    private final TestBackend backend = TestBackend.listening();
    private final TestBackend.Refusing refusing = TestBackend.refusing();
    private final TcpProxy proxy = to(backend.port(), 1);

    @AfterEach
    void close() {
        gate.countDown();
        proxy.close();
        backend.close();
        refusing.close();
    }

    @Test
    void summary_ofACompletedConnection_tellsItsWholeStory() {
        int clientPort;
        try (Peer client = Peer.connect(proxy.port())) {
            clientPort = client.localPort();
            Peer served = backend.accept();
            client.send(100_000, 1).fin();
            served.receiveAll(100_000, 1);
            served.send(300_000, 2).close();
            client.receiveAll(300_000, 2);
        }
        ConnectionSummary summary = theOnlySummary(CloseReason.COMPLETED, 100_000, 300_000);
        assertThat(summary.clientAddress().getPort()).isEqualTo(clientPort);
        assertThat(summary.cause()).isNull();
        assertThat(summary.attempts()).isEqualTo(1);
        assertThat(summary.duration()).isGreaterThanOrEqualTo(summary.connectTime());
        assertThat(opened).hasSize(1);
        assertThat(opened.get(0).id()).isEqualTo(summary.id());
        assertThat(opened.get(0).backend()).isEqualTo(summary.backend());
        assertThat(opened.get(0).clientAddress()).isEqualTo(summary.clientAddress());
    }

    @Test
    void summary_afterAResetByTheClient_saysSoAndCountsWhatArrived() {
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send(100, 1);
            served.receive(100);
            client.rst();
            served.receiveThenReset(0, 0);
        }
        assertThat(theOnlySummary(CloseReason.CLIENT_RESET, 100, 0).cause()).isNotNull();
    }

    @Test
    void summary_afterAResetByTheBackend_saysSoAndCountsWhatArrived() {
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send("x");
            served.receive(1);
            served.send(50, 1);
            served.rst();
            client.receiveThenReset(50, 1);
        }
        assertThat(theOnlySummary(CloseReason.BACKEND_RESET, 1, 50).cause()).isNotNull();
    }

    @Test
    void summary_withoutABackend_hasNone() {
        try (TcpProxy lost = held(null);
                Peer client = Peer.connect(lost.port())) {
            client.send("x");
            gate.countDown();
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
            ConnectionSummary summary = theOnlySummary(CloseReason.NO_BACKEND, 0, 0);
            assertThat(summary.backend()).isNull();
            assertThat(summary.attempts()).isZero();
            assertThat(opened).isEmpty();
        }
    }

    @Test
    void summary_whenNoBackendAnswers_countsTheAttempts() {
        Backend absent = Backend.of("127.0.0.1", refusing.port());
        try (TcpProxy lost = held(() -> absent);
                Peer client = Peer.connect(lost.port())) {
            gate.countDown();
            client.receiveThenReset(0, 0);
            ConnectionSummary summary = theOnlySummary(CloseReason.CONNECT_FAILED, 0, 0);
            assertThat(summary.backend()).isNull();
            assertThat(summary.attempts()).isEqualTo(lost.config().limits().connectAttempts());
            assertThat(summary.cause()).isInstanceOf(ConnectException.class);
            assertThat(opened).isEmpty();
        }
    }

    @Test
    void summary_atTheDrainDeadline_saysSo() {
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send(10, 1);
            served.receive(10);
            proxy.drain(Duration.ZERO);
            client.receiveThenReset(0, 0);
            served.receiveThenReset(0, 0);
        }
        theOnlySummary(CloseReason.DRAIN_DEADLINE, 10, 0);
    }

    @Test
    void summary_whenTheProxyIsClosed_saysSo() {
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            served.send(10, 1);
            client.receive(10);
            proxy.close();
            client.receiveThenReset(0, 0);
            served.receiveThenReset(0, 0);
        }
        theOnlySummary(CloseReason.BALANCER_CLOSED, 0, 10);
    }

    @Test
    void summary_ofManyConnections_comesOnceForEachAndAddsUp() {
        int connections = 300;
        SplittableRandom random = new SplittableRandom(1);
        try (TcpProxy busy = to(backend.port(), 2)) {
            for (int i = 0; i < connections; i++) {
                try (Peer client = Peer.connect(busy.port())) {
                    Peer served = backend.accept();
                    client.send(random.nextInt(1, 20_000), i);
                    served.receive(1);
                    end(random.nextInt(4), client, served);
                    served.close();
                }
            }
            awaitAllClosed(busy, connections);
            soon().until(() -> closed.size() >= connections);
            assertThat(closed)
                    .extracting(ConnectionSummary::id)
                    .doesNotHaveDuplicates()
                    .hasSize(connections);
            assertThat(opened)
                    .extracting(ConnectionOpened::id)
                    .containsExactlyInAnyOrderElementsOf(
                            closed.stream().map(ConnectionSummary::id).toList());
            assertAddUp(busy);
        }
    }

    private static void end(int how, Peer client, Peer served) {
        switch (how) {
            case 0 -> client.fin();
            case 1 -> client.rst();
            case 2 -> served.fin();
            default -> served.rst();
        }
    }

    private void assertAddUp(TcpProxy proxy) {
        for (CloseReason reason : CloseReason.values()) {
            assertThat(closed.stream().filter(summary -> summary.reason() == reason))
                    .hasSize((int) proxy.stats().closed(reason));
        }
        assertThat(closed.stream().mapToLong(ConnectionSummary::bytesToBackend).sum())
                .isEqualTo(proxy.stats().bytesToBackend());
        assertThat(closed.stream().mapToLong(ConnectionSummary::bytesToClient).sum())
                .isEqualTo(proxy.stats().bytesToClient());
    }

    private ConnectionSummary theOnlySummary(CloseReason reason, long bytesToBackend, long bytesToClient) {
        soon().until(() -> !closed.isEmpty());
        assertThat(closed).hasSize(1);
        ConnectionSummary summary = closed.get(0);
        assertThat(summary.reason()).isEqualTo(reason);
        assertThat(summary.bytesToBackend()).isEqualTo(bytesToBackend);
        assertThat(summary.bytesToClient()).isEqualTo(bytesToClient);
        return summary;
    }

    /** A proxy that answers its client when the gate is open: the client must be connected before it is reset. */
    private TcpProxy held(@Nullable Route route) {
        return TcpProxy.builder()
                .eventLoops(1)
                .router((connection, failed) -> {
                    awaitGate();
                    return route;
                })
                .listener(recorder)
                .start();
    }

    private void awaitGate() {
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private TcpProxy to(int port, int eventLoops) {
        return TcpProxy.builder()
                .eventLoops(eventLoops)
                .to("127.0.0.1", port)
                .listener(recorder)
                .start();
    }
}
