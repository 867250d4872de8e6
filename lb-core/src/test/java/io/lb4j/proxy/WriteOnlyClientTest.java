package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitClosed;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * E24: a client that only writes, as a log shipper does, and a backend that is killed with nothing unread: its kernel
 * ends the stream, as if it were complete, and resets what comes after.
 */
class WriteOnlyClientTest {
    private static final int MANY_LINES = 500;

    private final TestBackend backend = TestBackend.listening();
    private final TcpProxy proxy =
            TcpProxy.builder().eventLoops(1).to("127.0.0.1", backend.port()).start();

    @AfterEach
    void close() {
        proxy.close();
        backend.close();
    }

    @Test
    void lineAfterTheNextOne_isToldByAReset() throws IOException {
        try (Peer client = Peer.connect(proxy.port())) {
            killAfterALine(client);
            client.send("two\n");
            int more = 0;
            try {
                while (more < 1_000_000) {
                    client.socket().getOutputStream().write('m');
                    more++;
                }
            } catch (SocketException told) {
                // Directly connected, it is told at the second line; here, one loop turn and one write later.
            }
            assertThat(more).isLessThan(1_000_000);
        }
        awaitClosed(proxy, CloseReason.BACKEND_RESET);
    }

    /** Nothing is owed to it: its kernel has the greeting, which is seen, and the end of the stream. */
    @Test
    void lines_afterAGreeting_areToldByAReset() throws IOException { // E24b
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept().send("hello\n");
            assertThat(client.receiveText(6)).isEqualTo("hello\n");
            client.send("one\n");
            assertThat(served.receiveText(4)).isEqualTo("one\n");
            served.close();
            client.receiveAll(0, 0);
            assertThat(linesUntilToldOf(client)).isLessThan(MANY_LINES);
        }
        awaitClosed(proxy, CloseReason.BACKEND_RESET);
    }

    private static int linesUntilToldOf(Peer client) throws IOException {
        for (int lines = 0; lines < MANY_LINES; lines++) {
            try {
                client.socket().getOutputStream().write("line\n".getBytes(StandardCharsets.US_ASCII));
            } catch (SocketException told) {
                return lines;
            }
            Background.pause(10);
        }
        return MANY_LINES;
    }

    /** However slowly it takes them: what the backend's kernel has handed over is owed to it. */
    @Test
    void answer_ofABackendThatIsKilled_arrivesBeforeTheReset() throws IOException {
        try (Peer client = Peer.connect(proxy.port(), 4096)) {
            Peer served = backend.accept();
            client.send("one\n");
            assertThat(served.receiveText(4)).isEqualTo("one\n");
            served.send(50_000, 3).close();
            // Until the backend's kernel has none of it any more, which a reset by the client's line would take away.
            Background.pause(300);
            client.send("two\n");
            Background.pause(700);
            client.receiveAll(50_000, 3);
        }
    }

    @Test
    void oneLineAndNoOther_isToldByAResetAllTheSame() throws IOException {
        try (Peer client = Peer.connect(proxy.port())) {
            killAfterALine(client);
            client.send("two\n");
            assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
            awaitClosed(proxy, CloseReason.BACKEND_RESET);
        }
    }

    @Test
    void oneLineAndTheEnd_isNotCalledComplete() {
        try (Peer client = Peer.connect(proxy.port())) {
            killAfterALine(client);
            client.send("two\n").fin();
            awaitClosed(proxy, CloseReason.BACKEND_RESET);
        }
    }

    @Test
    void oneLineAndTheEnd_toABackendThatStillReads_isComplete() {
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send("one\n");
            assertThat(served.receiveText(4)).isEqualTo("one\n");
            served.fin();
            client.receiveAll(0, 0);
            client.send(100_000, 2).fin();
            served.receiveAll(100_000, 2);
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
    }

    /** As a TLS client says farewell to a server that has ended first. */
    @Test
    void oneLineAndTheEnd_afterAnAnswerAndItsEnd_isAFarewellAndCostsNoLookAtTheTable() {
        assertThat(looksOf((client, served) -> {
                    client.send("one\n");
                    assertThat(served.receiveText(4)).isEqualTo("one\n");
                    served.send("ok\n");
                    assertThat(client.receiveText(3)).isEqualTo("ok\n");
                    served.close();
                    client.receiveAll(0, 0);
                    client.send("two\n").fin();
                }))
                .isZero();
    }

    @Test
    void oneLineAndTheEnd_afterAnAnswer_toABackendThatStillReads_isComplete() { // E25
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = answerALine(client).fin();
            client.receiveAll(0, 0);
            client.send(100_000, 2).fin();
            served.receiveAll(100_000, 2);
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
    }

    /** The loop is busy while a line comes and the backend is killed; it sees the line first, and then the end. */
    @Test
    void oneLineAndTheEnd_withTheBackendKilledInTheSameTurn_isNotCalledComplete() throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(2);
        CompletableFuture<Void> killed = new CompletableFuture<>();
        ConnectionListener second = new ConnectionListener() {
            @Override
            public void connectionAccepted(ConnectionAccepted event) {
                busy.countDown();
                if (busy.getCount() == 0) {
                    killed.join();
                }
            }
        };
        try (TcpProxy one = TcpProxy.builder()
                        .eventLoops(1)
                        .listener(second)
                        .to("127.0.0.1", backend.port())
                        .start();
                Peer client = Peer.connect(one.port())) {
            Peer served = answerALine(client);
            try (Peer other = Peer.connect(one.port())) {
                busy.await();
                client.send("two\n");
                served.close();
                killed.complete(null);
                backend.accept();
                client.receiveAll(0, 0);
                client.fin();
                soon().until(() -> one.stats().closedTotal() == 1);
                assertThat(one.stats().closed(CloseReason.BACKEND_RESET)).isEqualTo(1);
                other.fin();
            }
        }
    }

    @Test
    void requestAndAnswer_thenBothEnd_costsNoLookAtTheTable() {
        assertThat(looksOf((client, served) -> {
                    client.send("one\n");
                    assertThat(served.receiveText(4)).isEqualTo("one\n");
                    served.send("ok\n").fin();
                    assertThat(client.receiveText(3)).isEqualTo("ok\n");
                    client.receiveAll(0, 0);
                    client.fin();
                }))
                .isZero();
    }

    /** What it had not read would have made its kernel reset the connection. */
    @Test
    void farewell_thatTheBackendAnswersByItsEnd_costsNoLookAtTheTable() { // R0
        assertThat(looksOf((client, served) -> {
                    client.send("one\n");
                    assertThat(served.receiveText(4)).isEqualTo("one\n");
                    served.send("ok\n");
                    assertThat(client.receiveText(3)).isEqualTo("ok\n");
                    client.send("quit\n");
                    assertThat(served.receiveText(5)).isEqualTo("quit\n");
                    served.fin();
                    client.receiveAll(0, 0);
                    client.fin();
                }))
                .isZero();
    }

    /** How often the table was looked into for a connection that both sides end. */
    private int looksOf(BiConsumer<Peer, Peer> talk) {
        AtomicInteger looks = new AtomicInteger();
        Platform system = Platform.system();
        Platform counting = new Platform(
                system.sockets(),
                system.nanoClock(),
                system.random(),
                system.threads(),
                system.workers(),
                system.connectionsThatFit(),
                questions -> looks.incrementAndGet(),
                system.watch());
        try (TcpProxy counted = TcpProxy.builder()
                        .platform(counting)
                        .to("127.0.0.1", backend.port())
                        .start();
                Peer client = Peer.connect(counted.port());
                Peer served = backend.accept()) {
            talk.accept(client, served);
            awaitClosed(counted, CloseReason.COMPLETED);
        }
        return looks.get();
    }

    private void killAfterALine(Peer client) {
        Peer served = backend.accept();
        client.send("one\n");
        assertThat(served.receiveText(4)).isEqualTo("one\n");
        served.close();
        client.receiveAll(0, 0);
    }

    private Peer answerALine(Peer client) {
        Peer served = backend.accept();
        client.send("one\n");
        assertThat(served.receiveText(4)).isEqualTo("one\n");
        served.send("ok\n");
        assertThat(client.receiveText(3)).isEqualTo("ok\n");
        return served;
    }
}
