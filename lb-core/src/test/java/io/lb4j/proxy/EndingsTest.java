package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.Peer.Received;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How connections end (reliability.md, A): what one side does, the other side sees as if nothing were in between. */
class EndingsTest {
    /** A peer with buffers this small takes 28,672 bytes; what the proxy's own kernel buffers hold is up to 4 MB. */
    private static final int SMALL = 8192;

    private static final long LOTS = 1_000_000;

    private final TestBackend backend = TestBackend.listening();
    private final TestBackend slowBackend = TestBackend.listening(SMALL);
    private final TcpProxy proxy =
            TcpProxy.builder().eventLoops(1).to("127.0.0.1", backend.port()).start();
    private final TcpProxy slowProxy =
            TcpProxy.builder().eventLoops(1).to("127.0.0.1", slowBackend.port()).start();

    @AfterEach
    void close() {
        proxy.close();
        slowProxy.close();
        backend.close();
        slowBackend.close();
    }

    @Test
    void halfClose_backendAnswersLate_clientGetsAllThenEnd() { // A1
        try (Peer client = Peer.connect(proxy.port())) {
            client.send(100_000, 1).fin();
            Peer served = backend.accept();
            served.receiveAll(100_000, 1);
            IdleProbe.assertIdle(proxy::stats);
            served.send(300_000, 2).close();
            client.receiveAll(300_000, 2);
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
    }

    @Test
    void halfClose_backendFirst_clientUploadsOn() { // A2
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            served.send(100_000, 1).fin();
            client.receiveAll(100_000, 1);
            IdleProbe.assertIdle(proxy::stats);
            client.send(300_000, 2).fin();
            served.receiveAll(300_000, 2);
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
    }

    @Test
    void end_whileDataIsBuffered_comesAfterTheLastByte() { // A4, A5
        try (Peer client = Peer.connect(slowProxy.port())) {
            Peer served = slowBackend.accept();
            var sent = client.sendInBackground(20 * LOTS, 3).thenRun(client::fin);
            await().until(() -> slowProxy.stats().pauses() > 0);
            served.receiveAll(20 * LOTS, 3);
            sent.join();
        }
    }

    @Test
    void reset_byClientWhenIdle_resetsBackend() { // A7
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.rst();
            served.receiveThenReset(0, 0);
        }
        awaitClosed(proxy, CloseReason.CLIENT_RESET);
    }

    @Test
    void reset_byBackendAfterData_clientGetsTheDataThenReset() { // A8
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            served.send(10_000, 4);
            served.rst();
            client.receiveThenReset(10_000, 4);
        }
        awaitClosed(proxy, CloseReason.BACKEND_RESET);
    }

    @Test
    void reset_byBackendWhileClientIsSlow_clientGetsWhatWasReadThenReset() { // A9
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            var flood = served.sendInBackground(50 * LOTS, 5);
            await().until(() -> proxy.stats().pauses() > 0 && !flood.isDone());
            long delivered = proxy.stats().bytesToClient();
            served.rst();
            Received received = client.receiveToEnd();
            assertThat(received.end()).isEqualTo(End.RESET);
            assertThat(received.count()).isGreaterThanOrEqualTo(delivered);
            assertThat(received.sha256()).isEqualTo(Peer.sha256Of(received.count(), 5));
        }
        awaitClosed(proxy, CloseReason.BACKEND_RESET);
    }

    @Test
    void reset_afterCleanEndOfThatDirection_answerIsDeliveredWithCleanEnd() { // A10
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            served.send(LOTS, 6).fin();
            await().until(() -> proxy.stats().bytesToClient() > 0);
            served.rst();
            client.receiveAll(LOTS, 6);
        }
    }

    private static void awaitClosed(TcpProxy proxy, CloseReason reason) {
        await().pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> assertThat(proxy.stats().closed(reason)).isEqualTo(1));
        assertThat(proxy.stats().active()).isZero();
    }
}
