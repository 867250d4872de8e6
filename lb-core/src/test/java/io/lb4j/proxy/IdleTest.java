package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitPaused;
import static io.lb4j.proxy.Awaiting.awaitStandstill;
import static io.lb4j.proxy.Awaiting.sendBeyondPause;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In none of the states a connection can be in does an event loop turn while nothing happens (catalogue, B9). */
class IdleTest {
    private static final int SMALL = 8192;
    private static final long LOTS = 1_000_000;

    private final TestBackend backend = TestBackend.listening(SMALL);
    private final List<Peer> clients = new ArrayList<>();
    private TcpProxy proxy = to(backend.port());

    @AfterEach
    void close() {
        proxy.close();
        clients.forEach(Peer::close);
        backend.close();
    }

    @Test
    void loop_withoutConnections_isIdle() {
        assertIdle();
    }

    @Test
    void loop_whileABackendDoesNotAnswer_isIdle() {
        proxy.close();
        try (TestBackend stalled = TestBackend.stalled()) {
            proxy = to(stalled.port());
            connect(0).send("hello?");
            connect(0).fin();
            connect(0).rst();
            soon().until(() -> proxy.stats().connectAttempts() == 3);
            assertIdle();
            assertThat(proxy.stats().active()).isEqualTo(3);
        }
    }

    @Test
    void loop_whenBothSidesAreSilent_isIdle() {
        connect(0).send("x");
        assertThat(backend.accept().receiveText(1)).isEqualTo("x");
        assertIdle();
    }

    @Test
    void loop_whenTheClientHasEnded_isIdle() {
        connect(0).fin();
        backend.accept().receiveAll(0, 0);
        assertIdle();
    }

    @Test
    void loop_whenTheBackendHasEnded_isIdle() {
        Peer client = connect(0);
        backend.accept().fin();
        client.receiveAll(0, 0);
        assertIdle();
    }

    @Test
    void loop_whenTheClientHasEndedAndThenIsReset_isIdle() {
        Peer client = connect(0);
        client.fin();
        backend.accept().receiveAll(0, 0);
        client.rst();
        assertIdle();
    }

    @Test
    void loop_whenTheBackendTakesNothing_isIdle() {
        Peer client = connect(0);
        backend.accept();
        sendBeyondPause(proxy, client, 1);
        assertStandsIdle();
    }

    @Test
    void loop_whenTheClientTakesNothing_isIdle() {
        connect(SMALL);
        sendBeyondPause(proxy, backend.accept(), 1);
        assertStandsIdle();
    }

    @Test
    void loop_whenNeitherTakesAnything_isIdle() {
        Peer client = connect(SMALL);
        Peer served = backend.accept();
        sendBeyondPause(proxy, served, 1);
        client.sendInBackground(50 * LOTS, 2);
        awaitPaused(proxy, 2);
        assertStandsIdle();
    }

    @Test
    void loop_whenTheBackendEndedAndTheClientTakesNothing_isIdle() {
        connect(SMALL);
        Peer served = backend.accept();
        sendBeyondPause(proxy, served, 1);
        served.fin();
        assertStandsIdle();
    }

    @Test
    void loop_whenTheClientTakesNothingAndTheBackendIsReset_isIdle() { // unseen until the client reads on (J3)
        connect(SMALL);
        Peer served = backend.accept();
        sendBeyondPause(proxy, served, 1);
        served.rst();
        assertStandsIdle();
    }

    @Test
    void loop_whileTheLastBytesOfAResetBackendAreDelivered_isIdle() {
        Peer client = connect(SMALL);
        Peer served = backend.accept();
        served.send(LOTS, 1);
        soon().until(() -> proxy.stats().bytesToClient() == LOTS);
        served.rst();
        assertStandsIdle();
        assertThat(proxy.stats().active()).isEqualTo(1);
        assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
    }

    @Test
    void loop_whileTheLastBytesOfAResetClientAreDelivered_isIdle() {
        Peer client = connect(SMALL);
        Peer served = backend.accept();
        sendBeyondPause(proxy, served, 1);
        client.sendInBackground(50 * LOTS, 2);
        awaitPaused(proxy, 2);
        awaitStandstill(proxy);
        client.rst();
        assertStandsIdle();
        assertThat(proxy.stats().active()).isEqualTo(1);
    }

    @Test
    void loop_whileAClientLingersAfterItsBackendIsGone_isIdle() {
        Peer client = connect(0);
        Peer served = backend.accept();
        // What it was sent may still be unread, so it is not reset at once.
        served.send("answer").close();
        assertThat(client.receiveText(6)).isEqualTo("answer");
        client.receiveAll(0, 0);
        // The backend answers the first with a reset, so one of those that follow finds it gone.
        for (int i = 0; i < 20; i++) {
            client.send("x");
        }
        assertStandsIdle();
    }

    @Test
    void loop_atTheConnectionLimit_isIdle() {
        proxy.close();
        proxy = TcpProxy.builder()
                .eventLoops(2)
                .limits(limits -> limits.connections(2))
                .to("127.0.0.1", backend.port())
                .start();
        for (int i = 0; i < 6; i++) {
            connect(0).send("x");
        }
        backend.accept();
        backend.accept();
        soon().until(() -> proxy.stats().acceptPauses() > 0);
        assertIdle();
        assertThat(proxy.stats().active()).isEqualTo(2);
    }

    private Peer connect(int bufferSize) {
        Peer client = Peer.connect(proxy.port(), bufferSize);
        clients.add(client);
        return client;
    }

    private static TcpProxy to(int port) {
        return TcpProxy.builder()
                .eventLoops(1)
                .timeouts(timeouts -> timeouts.connect(Duration.ofMinutes(1)))
                .to("127.0.0.1", port)
                .start();
    }

    private void assertStandsIdle() {
        awaitStandstill(proxy);
        assertIdle();
    }

    private void assertIdle() {
        IdleProbe.assertIdle(proxy::stats);
    }
}
