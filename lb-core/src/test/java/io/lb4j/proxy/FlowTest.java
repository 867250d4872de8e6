package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitAllClosed;
import static io.lb4j.proxy.Awaiting.awaitPaused;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Peer;
import io.lb4j.testing.SmallSockets;
import io.lb4j.testing.TestBackend;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Back-pressure, and what connections that stand still cost (catalogue, B). */
class FlowTest {
    private static final int SMALL = 8192;

    /** What the kernel takes between two sockets with small buffers when nobody reads, twice over. */
    private static final long KERNEL_TAKES = 2 * 28_672;

    private static final long LOTS = 1_000_000;

    private final TestBackend backend = TestBackend.listening(SMALL);
    private final TcpProxy proxy = TcpProxy.builder()
            .eventLoops(1)
            .platform(withSmallSockets())
            .to("127.0.0.1", backend.port())
            .start();

    @AfterEach
    void close() {
        proxy.close();
        backend.close();
    }

    @Test
    void backend_thatNeverReads_blocksItsClientAndNobodyElse() { // B1
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            backend.accept();
            assertThat(client.sendUntilStalled(64 * LOTS)).isLessThanOrEqualTo(2 * KERNEL_TAKES + mostHeld());
            assertThat(proxy.stats().pauses() - proxy.stats().resumes()).isEqualTo(1);
            assertAnotherConnectionWorks();
        }
    }

    @Test
    void client_thatNeverReads_blocksItsBackendAndNobodyElse() throws Exception { // B2
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            served.socket().setSendBufferSize(SMALL);
            long sent = served.sendUntilStalled(64 * LOTS);
            // The socket between the proxy and the client has a large buffer; what it took is known.
            assertThat(sent - proxy.stats().bytesToClient()).isLessThanOrEqualTo(KERNEL_TAKES + mostHeld());
            assertThat(proxy.stats().pauses() - proxy.stats().resumes()).isEqualTo(1);
            assertAnotherConnectionWorks();
            assertThat(client.receive(1)).hasSize(1);
        }
    }

    @Test
    void thousandStalledConnections_costNoDirectMemoryAndLittleHeap() { // B3
        int connections = 1_000;
        List<Peer> clients = new ArrayList<>();
        try {
            // The first one makes the test's own thread take the buffers that it keeps.
            clients.add(stalledClient(1));
            long directBefore = directMemory();
            long heapBefore = heapInUse();
            while (clients.size() < connections) {
                clients.add(stalledClient(clients.size() + 1));
            }
            assertThat(directMemory() - directBefore).as("direct memory").isLessThan(1 << 20);
            assertThat(heapInUse() - heapBefore).as("heap in use").isLessThan(connections * (64L << 10));
            assertThat(proxy.stats().active()).isEqualTo(connections);
        } finally {
            clients.forEach(Peer::close);
        }
        backend.close();
        awaitAllClosed(proxy, connections);
        assertThat(proxy.stats().resumes()).isEqualTo(proxy.stats().pauses());
    }

    @Test
    void window_thatOpensAgainAndAgain_resumesTheUploadEachTime() { // B4
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            var upload = client.sendInBackground(4 * LOTS, 1);
            for (int i = 0; i < 20; i++) {
                awaitPaused(proxy, 1);
                served.receive(100_000);
            }
            served.receive((int) (2 * LOTS));
            upload.join();
            assertPausesAreOver();
            client.send("still here");
            assertThat(served.receiveText(10)).isEqualTo("still here");
        }
    }

    @Test
    void window_thatOpensAgainAndAgain_resumesTheDownloadEachTime() { // B4
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            var download = served.sendInBackground(30 * LOTS, 1);
            for (int i = 0; i < 5; i++) {
                awaitPaused(proxy, 1);
                client.receive((int) (3 * LOTS));
            }
            client.receive((int) (15 * LOTS));
            download.join();
            assertPausesAreOver();
            served.send("still here");
            assertThat(client.receiveText(10)).isEqualTo("still here");
        }
    }

    @Test
    void backend_thatSpeaksFirst_isHeardByASilentClient() { // B10
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            served.send("220 ready\r\n");
            assertThat(client.receiveText(11)).isEqualTo("220 ready\r\n");
            client.send("QUIT\r\n");
            assertThat(served.receiveText(6)).isEqualTo("QUIT\r\n");
            served.send("221 bye\r\n").fin();
            assertThat(client.receiveText(9)).isEqualTo("221 bye\r\n");
            client.receiveAll(0, 0);
        }
    }

    /** C5. */
    private static long mostHeld() {
        return 2 * LoopMemory.LARGEST_READ;
    }

    private void assertAnotherConnectionWorks() {
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send(10_000, 1).fin();
            served.receiveAll(10_000, 1);
            served.send(10_000, 2).close();
            client.receiveAll(10_000, 2);
        }
    }

    private void assertPausesAreOver() {
        soon().untilAsserted(() ->
                assertThat(proxy.stats().resumes()).isEqualTo(proxy.stats().pauses()));
        assertThat(proxy.stats().pauses()).isGreaterThan(3);
    }

    /** A client whose backend does not read, and which has sent more than fits in between. */
    private Peer stalledClient(int number) {
        Peer client = Peer.connect(proxy.port());
        backend.accept();
        client.send(new byte[128 * 1024]);
        awaitPaused(proxy, number);
        return client;
    }

    private static Platform withSmallSockets() {
        Platform system = Platform.system();
        return new Platform(new SmallSockets(SMALL), system.nanoClock(), system.random(), system.threads());
    }

    private static long directMemory() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
