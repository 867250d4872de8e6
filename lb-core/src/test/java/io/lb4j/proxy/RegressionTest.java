package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.SystemSockets;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Bugs that were found and fixed, each with its story. */
class RegressionTest {
    /**
     * Only bytes counted as a sign of life. After six silent minutes, well within the idle timeout, a client ended its
     * stream; the connection was half-closed from then on, and by that timeout's measure (five minutes since the last
     * byte) overdue in the same instant. Both sides were reset, and the answer was lost.
     */
    @Test
    void endOfStream_afterALongSilence_beginsTheSilenceAnew() {
        AtomicLong skipped = new AtomicLong();
        try (TestBackend backend = TestBackend.listening();
                TcpProxy proxy = TcpProxy.builder()
                        .platform(withClock(skipped))
                        .to("127.0.0.1", backend.port())
                        .start();
                Peer client = Peer.connect(proxy.port());
                Peer served = backend.accept()) {
            client.send("question");
            assertThat(served.receiveText(8)).isEqualTo("question");

            skipped.addAndGet(Duration.ofMinutes(6).toNanos());
            client.fin();

            assertThat(served.receiveToEnd().end()).isEqualTo(End.EOF);
            served.send("answer").fin();
            assertThat(client.receiveText(6)).isEqualTo("answer");
            assertThat(client.receiveToEnd().end()).isEqualTo(End.EOF);
            await().until(() -> proxy.stats().closed(CloseReason.COMPLETED) == 1);
        }
    }

    /**
     * Two loops, a limit of two. One loop accepts a client, takes the second place to look for another one, and finds
     * none; in that moment the other loop has a client, finds no place, and pauses. The first loop gave its place back
     * without a word, and the client of the second waited until some connection ended.
     */
    @Test
    void place_takenInVain_wakesThoseWhoWaitForIt() {
        try (TestBackend backend = TestBackend.echoing();
                TcpProxy proxy = TcpProxy.builder()
                        .eventLoops(2)
                        .maxConnections(2)
                        .to("127.0.0.1", backend.port())
                        .start()) {
            for (int i = 0; i < 500; i++) {
                CompletableFuture<Peer> other = Background.supply(() -> Peer.connect(proxy.port()));
                try (Peer one = Peer.connect(proxy.port());
                        Peer two = other.join()) {
                    one.send("1");
                    two.send("2");
                    assertThat(one.receiveText(1) + two.receiveText(1)).isEqualTo("12");
                }
            }
        }
    }

    /** {@code close()} accepted those who waited in the backlog, sent their first bytes to backends, and reset them. */
    @Test
    void close_withClientsInTheBacklog_doesNotServeThem() throws Exception {
        CountDownLatch loopIsHeld = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ConnectionListener holding = new ConnectionListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                loopIsHeld.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        List<Peer> waiting = new ArrayList<>();
        try (TestBackend backend = TestBackend.echoing();
                TcpProxy proxy = TcpProxy.builder()
                        .eventLoops(1)
                        .listener(holding)
                        .to("127.0.0.1", backend.port())
                        .start();
                Peer first = Peer.connect(proxy.port())) {
            loopIsHeld.await();
            for (int i = 0; i < 40; i++) {
                waiting.add(Peer.connect(proxy.port()).send("ORDER"));
            }
            Thread closing = new Thread(proxy::close);
            closing.start();
            await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
            goOn.countDown();
            closing.join();

            assertThat(first.receiveToEnd().end()).isEqualTo(End.RESET);
            waiting.forEach(peer -> assertThat(peer.receiveToEnd().end()).isEqualTo(End.RESET));
            // The turn that was under way may accept its share.
            assertThat(proxy.stats().connectAttempts()).isLessThanOrEqualTo(8);
        } finally {
            waiting.forEach(Peer::close);
        }
    }

    /** What a broken pipe is called was asked for once for ever, and forgotten if the asking thread was interrupted. */
    @Test
    void brokenPipe_learnedOnAnInterruptedThread_isStillKnown() {
        Thread.currentThread().interrupt();
        BrokenPipe.learn();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(BrokenPipe.isIt(new IOException("Broken pipe"))).isTrue();
        assertThat(BrokenPipe.isIt(new IOException("Connection reset by peer"))).isFalse();
    }

    /** The descriptor that is reserved for the backend was forgotten when no address was found to dial. */
    @Test
    void descriptor_reservedForABackendThatIsNeverDialled_isGivenBack() {
        Queue<SocketChannel> opened = new ConcurrentLinkedQueue<>();
        SystemSockets counting = new SystemSockets() {
            @Override
            public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
                SocketChannel channel = super.openSocketChannel(family);
                opened.add(channel);
                return channel;
            }
        };
        Platform system = Platform.system();
        TcpProxy proxy = TcpProxy.builder()
                .platform(new Platform(counting, system.nanoClock(), system.random(), system.threads()))
                .router((connection, failed) -> null)
                .start();
        try (proxy) {
            for (int i = 0; i < 5; i++) {
                try (Peer client = Peer.connect(proxy.port())) {
                    assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
                }
            }
        }
        assertThat(opened).hasSizeGreaterThan(5).noneMatch(SocketChannel::isOpen);
    }

    private static Platform withClock(AtomicLong skipped) {
        Platform system = Platform.system();
        return new Platform(
                system.sockets(), () -> System.nanoTime() + skipped.get(), system.random(), system.threads());
    }
}
