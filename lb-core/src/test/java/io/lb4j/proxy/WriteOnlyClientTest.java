package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitClosed;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * E24: a client that only writes, as a log shipper does, and a backend that is killed with nothing unread: its kernel
 * ends the stream, as if it were complete, and resets what comes after.
 */
class WriteOnlyClientTest {
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

    private void killAfterALine(Peer client) {
        Peer served = backend.accept();
        client.send("one\n");
        assertThat(served.receiveText(4)).isEqualTo("one\n");
        served.close();
        client.receiveAll(0, 0);
    }
}
