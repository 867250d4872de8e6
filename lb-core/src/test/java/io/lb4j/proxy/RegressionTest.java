package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Background;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.Peer.Received;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                        .limits(limits -> limits.connections(2))
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

    /**
     * A slow client whose backend is reset gets a last moment for what the kernel does not speak of. The moment asked
     * the kernel again, which said "writable" at once, and so on: 70,000 turns of the loop. And if the client had ended
     * its own stream, it got no moment at all, and its last 2 KB were destroyed.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lastMoment_ofASlowClient_isGrantedOnce_andCostsNothing(boolean clientHasEnded) {
        try (TestBackend backend = TestBackend.listening();
                TcpProxy proxy = TcpProxy.builder()
                        .eventLoops(1)
                        .to("127.0.0.1", backend.port())
                        .start();
                Peer client = Peer.connect(proxy.port(), 8192);
                Peer served = backend.accept()) {
            if (clientHasEnded) {
                client.fin();
                assertThat(served.receiveToEnd().end()).isEqualTo(End.EOF);
            }
            CompletableFuture<Void> flood = served.sendInBackground(50_000_000, 7);
            await().until(() -> proxy.stats().pauses() > 0 && !flood.isDone());
            served.rst();
            long before = proxy.stats().loopTurns();
            Received received = client.receiveToEnd();
            await().until(() -> proxy.stats().active() == 0);

            assertThat(received.end()).isEqualTo(End.RESET);
            // What the smallest send buffer holds may be lost by a client that is kept from reading for long.
            assertThat(received.count())
                    .isBetween(
                            proxy.stats().bytesToClient() - 4608, proxy.stats().bytesToClient());
            assertThat(received.sha256()).isEqualTo(Peer.sha256Of(received.count(), 7));
            assertThat(proxy.stats().loopTurns() - before).isLessThan(5_000);
        }
    }

    private static Platform withClock(AtomicLong skipped) {
        Platform system = Platform.system();
        return new Platform(
                system.sockets(), () -> System.nanoTime() + skipped.get(), system.random(), system.threads());
    }

    /**
     * Each reason for which a client is turned away got a limit of its own for its line in the log, and one that is no
     * refusal got none: that no backend could be connected to was not said any more.
     */
    @Test
    void clientThatGetsNoBackend_isSaid_whateverTheReason() {
        try (TestBackend.Refusing refusing = TestBackend.refusing();
                TcpProxy unreachable =
                        TcpProxy.builder().to("127.0.0.1", refusing.port()).start();
                TcpProxy without =
                        TcpProxy.builder().router((connection, failed) -> null).start();
                LogCapture log = LogCapture.open()) {
            for (TcpProxy proxy : List.of(unreachable, without)) {
                try (Peer client = Peer.connect(proxy.port())) {
                    assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
                }
            }
            assertThat(log.messages("a client was reset: " + CloseReason.CONNECT_FAILED.sentence()))
                    .hasSize(1);
            assertThat(log.messages("a client was reset: " + CloseReason.NO_BACKEND.sentence()))
                    .hasSize(1);
        }
    }
}
