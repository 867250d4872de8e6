package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.Peer.Received;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TransportOfThisRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Streams that bring much with each read. The native transport has them pass through pipes of the kernel; whatever moves
 * them, they arrive whole and end as they ended.
 */
@EnabledOnOs(OS.LINUX)
class FastStreamsTest {
    private static final long LONG = 48L << 20;

    /** As a reader takes them who is slower than the sender, so that the proxy always has much to read. */
    private static final int SLOWLY = 128 * 1024;

    private final long pipesBefore = pipes();
    private final TestBackend backend = TestBackend.listening();
    private final TcpProxy proxy =
            TcpProxy.builder().eventLoops(1).to("127.0.0.1", backend.port()).start();

    @AfterEach
    void close() {
        proxy.close();
        backend.close();
        assertThat(pipes()).as("pipes that are left").isLessThanOrEqualTo(pipesBefore);
    }

    /** Descriptors of pipes that this process has. */
    private static long pipes() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(FastStreamsTest::isPipe).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isPipe(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private void assertPipesAreUsed() {
        if (TransportOfThisRun.isNative()) {
            soon().untilAsserted(() -> assertThat(pipes()).isGreaterThan(pipesBefore));
        }
    }

    @Test
    void bothDirections_arriveWhole_andEnd() {
        try (Peer client = Peer.connect(proxy.port());
                Peer served = backend.accept()) {
            CompletableFuture<Void> up = client.sendInBackground(LONG, 1);
            CompletableFuture<Void> down = served.sendInBackground(LONG, 2);
            CompletableFuture<Received> atBackend = Background.supply(() -> served.receiveToEnd(SLOWLY));
            CompletableFuture<Received> atClient = Background.supply(() -> client.receiveToEnd(SLOWLY));
            assertPipesAreUsed();
            up.join();
            client.fin();
            down.join();
            served.fin();
            assertThat(atBackend.join()).isEqualTo(new Received(End.EOF, LONG, Peer.sha256Of(LONG, 1)));
            assertThat(atClient.join()).isEqualTo(new Received(End.EOF, LONG, Peer.sha256Of(LONG, 2)));
        }
    }

    @Test
    void source_thatIsReset_isAResetBehindAllThatWasRead() {
        try (Peer client = Peer.connect(proxy.port());
                Peer served = backend.accept()) {
            CompletableFuture<Void> sending = client.sendInBackground(LONG, 3);
            CompletableFuture<Received> received = Background.supply(() -> served.receiveToEnd(SLOWLY));
            assertPipesAreUsed();
            sending.join();
            client.rst();
            Received what = received.join();
            assertThat(what.end()).isEqualTo(End.RESET);
            assertThat(what.sha256()).isEqualTo(Peer.sha256Of(what.count(), 3));
        }
    }

    @Test
    void sink_thatIsReset_isToldToTheSource_andItsBytesAreGone() {
        for (int i = 0; i < 8; i++) {
            try (Peer client = Peer.connect(proxy.port());
                    Peer served = backend.accept()) {
                // Whose write is told of the reset, as its reads then are not.
                CompletableFuture<Void> sending = client.sendInBackground(4 * LONG, 5);
                served.receive(8 << 20);
                served.rst();
                assertThat(sending).failsWithin(Duration.ofMillis(Peer.PATIENCE_MILLIS));
            }
        }
        soon().untilAsserted(() -> assertThat(proxy.stats().active()).isZero());
        assertThat(proxy.stats().resumes()).isEqualTo(proxy.stats().pauses());
    }

    @Test
    void stream_thatBecomesSlow_goesOn() {
        try (Peer client = Peer.connect(proxy.port());
                Peer served = backend.accept()) {
            CompletableFuture<Void> sending = client.sendInBackground(LONG, 4);
            CompletableFuture<Received> received = Background.supply(() -> served.receiveToEnd(SLOWLY));
            assertPipesAreUsed();
            sending.join();
            soon().untilAsserted(
                            () -> assertThat(proxy.stats().bytesToBackend()).isEqualTo(LONG));
            for (int i = 0; i < 200; i++) {
                client.send("x");
                served.send("y");
                assertThat(client.receiveText(1)).isEqualTo("y");
            }
            client.fin();
            assertThat(received.join().count()).isEqualTo(LONG + 200);
        }
    }

    /** At the mark of urgent data a splice stops for ever, and only a read goes on behind it; the byte itself is not passed on. */
    @Test
    void urgentByte_inAFastStream_doesNotStopIt() throws IOException {
        for (int i = 0; i < 4; i++) {
            try (Peer client = Peer.connect(proxy.port());
                    Peer served = backend.accept()) {
                CompletableFuture<Received> received = Background.supply(() -> served.receiveToEnd(SLOWLY));
                client.send(LONG, 6);
                client.socket().sendUrgentData('!');
                client.send(LONG / 8, 7).fin();
                assertThat(received.join().end()).isEqualTo(End.EOF);
                assertThat(received.join().count()).isEqualTo(LONG + LONG / 8);
            }
        }
    }

    @Test
    void manyStreams_shareFewPipes_andSomeAreCopied() {
        int streams = 48;
        List<Peer> peers = new ArrayList<>();
        List<CompletableFuture<Received>> all = new ArrayList<>();
        try {
            for (int i = 0; i < streams; i++) {
                Peer client = Peer.connect(proxy.port());
                peers.add(client);
                Peer served = backend.accept();
                peers.add(served);
                int seed = i;
                Background.run(() -> client.send(LONG / 8, seed).fin());
                all.add(Background.supply(() -> served.receiveToEnd(8 * 1024)));
            }
            for (int i = 0; i < streams; i++) {
                assertThat(all.get(i).join()).isEqualTo(new Received(End.EOF, LONG / 8, Peer.sha256Of(LONG / 8, i)));
            }
            assertThat(pipes() - pipesBefore).isLessThanOrEqualTo(2 * 16);
        } finally {
            peers.forEach(Peer::close);
        }
    }
}
