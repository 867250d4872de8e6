package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitClosed;
import static io.lb4j.proxy.Awaiting.awaitPaused;
import static io.lb4j.proxy.Awaiting.sendBeyondPause;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The timeouts of a connection (catalogue, A6). That they fire is seen in real time. That traffic re-arms them is
 * seen with a clock that the test moves: a busy machine must not make them fire.
 */
class TimeoutsTest {
    private static final int SMALL = 8192;
    private static final Duration TIMEOUT = Duration.ofMillis(200);
    private static final Duration MOST_OF_IT = Duration.ofMillis(150);

    private final TestBackend backend = TestBackend.listening(SMALL);
    private final Clock clock = new Clock();
    private TcpProxy proxy = start(TcpProxy.builder());

    @AfterEach
    void close() {
        proxy.close();
        backend.close();
    }

    @Test
    void idleTimeout_whenNobodySpeaks_resetsBothSides() {
        restart(TcpProxy.builder().timeouts(timeouts -> timeouts.idle(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send("ping");
            assertThat(served.receiveText(4)).isEqualTo("ping");
            served.receiveThenReset(0, 0);
            client.receiveThenReset(0, 0);
        }
        awaitClosed(proxy, CloseReason.IDLE_TIMEOUT);
    }

    @Test
    void idleTimeout_beforeTheFirstByte_resetsBothSides() {
        restart(TcpProxy.builder().timeouts(timeouts -> timeouts.idle(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.receiveThenReset(0, 0);
            served.receiveThenReset(0, 0);
        }
        awaitClosed(proxy, CloseReason.IDLE_TIMEOUT);
    }

    @Test
    void idleTimeout_whileOneDirectionTrickles_isRearmed() {
        restart(clocked().timeouts(timeouts -> timeouts.idle(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            for (int i = 0; i < 4; i++) {
                clock.advance(MOST_OF_IT);
                client.send("x");
                assertThat(served.receiveText(1)).isEqualTo("x");
                clock.advance(MOST_OF_IT);
                served.send("y");
                assertThat(client.receiveText(1)).isEqualTo("y");
            }
            clock.advance(TIMEOUT.plusMillis(1));
            client.receiveThenReset(0, 0);
            served.receiveThenReset(0, 0);
        }
        awaitClosed(proxy, CloseReason.IDLE_TIMEOUT);
    }

    @Test
    void idleTimeout_switchedOff_neverFires() {
        restart(clocked().timeouts(timeouts -> timeouts.noIdle()));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            clock.advance(Duration.ofDays(365));
            client.send("x");
            assertThat(served.receiveText(1)).isEqualTo("x");
            clock.advance(Duration.ofDays(365));
            served.send("y");
            assertThat(client.receiveText(1)).isEqualTo("y");
        }
    }

    @Test
    void halfClosedTimeout_afterClientEnded_resetsBothSides() {
        restart(TcpProxy.builder().timeouts(timeouts -> timeouts.halfClosed(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.fin();
            served.receiveAll(0, 0);
            client.receiveThenReset(0, 0);
            assertReset(served);
        }
        awaitClosed(proxy, CloseReason.HALF_CLOSED_TIMEOUT);
    }

    @Test
    void halfClosedTimeout_afterBackendEnded_resetsBothSides() {
        restart(TcpProxy.builder().timeouts(timeouts -> timeouts.halfClosed(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            served.fin();
            client.receiveAll(0, 0);
            served.receiveThenReset(0, 0);
            assertReset(client);
        }
        awaitClosed(proxy, CloseReason.HALF_CLOSED_TIMEOUT);
    }

    @Test
    void halfClosedTimeout_whileTheOtherDirectionTrickles_isRearmed() {
        restart(clocked().timeouts(timeouts -> timeouts.halfClosed(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.fin();
            served.receiveAll(0, 0);
            for (int i = 0; i < 8; i++) {
                clock.advance(MOST_OF_IT);
                served.send("x");
                assertThat(client.receiveText(1)).isEqualTo("x");
            }
            clock.advance(TIMEOUT.plusMillis(1));
            client.receiveThenReset(0, 0);
        }
        awaitClosed(proxy, CloseReason.HALF_CLOSED_TIMEOUT);
    }

    @Test
    void halfClosedTimeout_afterALongSilence_beginsWithTheEndOfTheStream() {
        restart(clocked()
                .timeouts(timeouts -> timeouts.idle(Duration.ofHours(1)).halfClosed(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send("x");
            served.receiveText(1);
            clock.advance(Duration.ofMinutes(30));
            client.fin();
            served.receiveAll(0, 0);
            clock.advance(MOST_OF_IT);
            served.send("answer").close();
            assertThat(client.receiveText(6)).isEqualTo("answer");
            client.receiveAll(0, 0);
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
    }

    @Test
    void halfClosed_bothWaysOneAfterTheOther_lateAnswerArrives() { // A1 and A2, late for a clock
        restart(clocked());
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send(1000, 1).fin();
            served.receiveAll(1000, 1);
            clock.advance(Duration.ofMinutes(4));
            served.send(2000, 2).close();
            client.receiveAll(2000, 2);
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
        restart(clocked());
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            served.send(3000, 3).fin();
            client.receiveAll(3000, 3);
            clock.advance(Duration.ofMinutes(4));
            client.send(4000, 4).fin();
            served.receiveAll(4000, 4);
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
    }

    @Test
    void stallTimeout_whenClientTakesNothing_resetsBothSides() {
        restart(TcpProxy.builder().timeouts(timeouts -> timeouts.stall(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            sendBeyondPause(proxy, served, 5);
            served.receiveThenReset(0, 0);
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
        }
        awaitClosed(proxy, CloseReason.STALL_TIMEOUT);
    }

    @Test
    void stallTimeout_whenBackendTakesNothing_resetsBothSides() {
        restart(TcpProxy.builder().timeouts(timeouts -> timeouts.stall(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            sendBeyondPause(proxy, client, 6);
            client.receiveThenReset(0, 0);
            assertThat(served.receiveToEnd().end()).isEqualTo(End.RESET);
        }
        awaitClosed(proxy, CloseReason.STALL_TIMEOUT);
    }

    @Test
    void stallTimeout_whileTheOtherDirectionIsBusy_firesAllTheSame() {
        restart(clocked().timeouts(timeouts -> timeouts.stall(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            sendBeyondPause(proxy, client, 7);
            clock.advance(MOST_OF_IT);
            served.send("x");
            assertThat(client.receiveText(1)).isEqualTo("x");
            clock.advance(MOST_OF_IT);
            client.receiveThenReset(0, 0);
        }
        awaitClosed(proxy, CloseReason.STALL_TIMEOUT);
    }

    @Test
    void stallTimeout_whileTheReaderIsOnlySlow_isRearmed() {
        restart(clocked().timeouts(timeouts -> timeouts.stall(TIMEOUT)));
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.sendInBackground(1_000_000_000, 8);
            for (int i = 0; i < 8; i++) {
                awaitPaused(proxy, 1);
                clock.advance(MOST_OF_IT);
                readUntilMoreIsTaken(served);
            }
            soon().until(() -> {
                clock.advance(MOST_OF_IT);
                return proxy.stats().active() == 0;
            });
            assertThat(served.receiveToEnd().end()).isEqualTo(End.RESET);
        }
        awaitClosed(proxy, CloseReason.STALL_TIMEOUT);
    }

    /** Reads as little as makes the proxy's socket take more. */
    private void readUntilMoreIsTaken(Peer served) {
        long before = proxy.stats().bytesToBackend();
        soon().until(() -> {
            served.receive(100_000);
            return proxy.stats().bytesToBackend() > before;
        });
    }

    /** A peer whose stream has ended already reads nothing but that end: only sending tells it more. */
    private static void assertReset(Peer peer) {
        soon().until(() -> {
            try {
                peer.send("x");
                return false;
            } catch (UncheckedIOException reset) {
                return true;
            }
        });
    }

    private TcpProxyBuilder clocked() {
        Platform system = Platform.system();
        return TcpProxy.builder()
                .platform(new Platform(system.sockets(), clock.nanos::get, system.random(), system.threads()));
    }

    private void restart(TcpProxyBuilder builder) {
        proxy.close();
        proxy = start(builder);
    }

    private TcpProxy start(TcpProxyBuilder builder) {
        return builder.eventLoops(1).to("127.0.0.1", backend.port()).start();
    }

    /** Time that stands still until the test moves it. The loops look at it when something happens, or each 200 ms. */
    private static final class Clock {
        private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);

        void advance(Duration by) {
            nanos.addAndGet(by.toNanos());
        }
    }
}
