package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitAllClosed;
import static io.lb4j.proxy.Awaiting.awaitClosed;
import static io.lb4j.proxy.Awaiting.awaitPaused;
import static io.lb4j.proxy.Awaiting.awaitStandstill;
import static io.lb4j.proxy.Awaiting.sendBeyondPause;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.Peer.Received;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How connections end (catalogue, A): what one side does, the other side sees as if nothing were in between. */
class EndingsTest {
    /** A peer with buffers this small takes 28,672 bytes; what the proxy's own kernel buffers hold is up to 4 MB. */
    private static final int SMALL = 8192;

    private static final long LOTS = 1_000_000;

    /** What may be left in a kernel's smallest send buffer when the proxy is told that all was delivered. */
    private static final long UNNOTICED = 4608;

    private static final Duration PATIENCE = Duration.ofMillis(Peer.PATIENCE_MILLIS);

    private final CountDownLatch gate = new CountDownLatch(1);
    private final TestBackend backend = TestBackend.listening();
    private final TestBackend slowBackend = TestBackend.listening(SMALL);
    private final TcpProxy proxy =
            TcpProxy.builder().eventLoops(1).to("127.0.0.1", backend.port()).start();
    private final TcpProxy slowProxy =
            TcpProxy.builder().eventLoops(1).to("127.0.0.1", slowBackend.port()).start();

    @AfterEach
    void close() {
        gate.countDown();
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
            // A reset while the proxy still connects would be a failed attempt.
            client.send("x");
            served.receive(1);
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
            assertPrefix(client.receiveToEnd(), End.RESET, delivered, 5);
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

    @Test
    void reset_byClientWhileSending_backendGetsWhatWasReadThenReset() { // A7
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            var received = served.receiveToEndInBackground();
            var flood = client.sendInBackground(2_000 * LOTS, 7);
            soon().until(() -> proxy.stats().bytesToBackend() > 5 * LOTS);
            long delivered = proxy.stats().bytesToBackend();
            client.rst();
            assertThat(flood).failsWithin(PATIENCE);
            assertPrefix(received.join(), End.RESET, delivered, 7);
        }
        awaitClosed(proxy, CloseReason.CLIENT_RESET);
    }

    @Test
    void reset_foundByWriting_isNoCleanEnd() { // A13
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            sendBeyondPause(proxy, served, 8);
            client.rst();
            served.receiveThenReset(0, 0);
        }
        awaitClosed(proxy, CloseReason.CLIENT_RESET);
    }

    @Test
    void reset_foundByWritingWhileBothSidesAreFull_backendGetsWhatWasReadThenReset() { // A13
        try (Peer client = Peer.connect(slowProxy.port(), SMALL)) {
            Peer served = slowBackend.accept();
            sendBeyondPause(slowProxy, served, 9);
            var upload = client.sendInBackground(50 * LOTS, 10);
            awaitPaused(slowProxy, 2);
            awaitStandstill(slowProxy);
            long delivered = slowProxy.stats().bytesToBackend();
            client.rst();
            assertThat(upload).failsWithin(PATIENCE);
            assertPrefix(served.receiveToEnd(), End.RESET, delivered, 10);
        }
        awaitClosed(slowProxy, CloseReason.CLIENT_RESET);
    }

    @Test
    void reset_afterCleanEndWhileBackendFloods_backendIsReset() { // A13, when only writing can find it
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            client.send(10, 11).fin();
            served.receiveAll(10, 11);
            var flood = served.sendInBackground(200 * LOTS, 12);
            awaitPaused(proxy, 1);
            client.rst();
            assertThat(flood).failsWithin(PATIENCE);
        }
        awaitClosed(proxy, CloseReason.CLIENT_RESET);
    }

    @Test
    void end_rightAfterTheFirstBytes_comesAfterThem() { // A17
        try (TcpProxy held = heldProxy()) {
            Peer client = Peer.connect(held.port());
            client.send(10, 13).close();
            // Data and end of stream are both there when the proxy first reads.
            gate.countDown();
            Peer served = backend.accept();
            served.receiveAll(10, 13);
            served.close();
            awaitClosed(held, CloseReason.COMPLETED);
        }
    }

    @Test
    void end_withoutAnyByte_reachesBackend() { // A17
        try (TcpProxy held = heldProxy()) {
            Peer.connect(held.port()).close();
            gate.countDown();
            Peer served = backend.accept();
            served.receiveAll(0, 0);
            served.close();
            awaitClosed(held, CloseReason.COMPLETED);
        }
    }

    @Test
    void end_inOneSegmentWithTheLastBytes_comesAfterThem() { // A17, both ways, and whenever the proxy happens to read
        int runs = 300;
        for (int i = 0; i < runs; i++) {
            try (Peer client = Peer.connect(proxy.port())) {
                Peer served = backend.accept();
                client.send(10, i).fin();
                served.receiveAll(10, i);
                served.send(20, i).close();
                client.receiveAll(20, i);
            }
        }
        awaitAllClosed(proxy, runs);
        assertThat(proxy.stats().closed(CloseReason.COMPLETED)).isEqualTo(runs);
    }

    /** A proxy whose loop waits for {@link #gate} before it connects to the backend. */
    private TcpProxy heldProxy() {
        Backend target = Backend.of("127.0.0.1", backend.port());
        return TcpProxy.builder()
                .eventLoops(1)
                .router((connection, failed) -> {
                    awaitGate();
                    return () -> target;
                })
                .start();
    }

    private void awaitGate() {
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** What arrived ends this way, is about at least this much, and is the beginning of what was sent. */
    private static void assertPrefix(Received received, End end, long atLeast, long seed) {
        assertThat(received.end()).isEqualTo(end);
        assertThat(received.count()).isGreaterThanOrEqualTo(atLeast - UNNOTICED);
        assertThat(received.sha256()).isEqualTo(Peer.sha256Of(received.count(), seed));
    }
}
