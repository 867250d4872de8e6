package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitClosed;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.SocketTable;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose kernel takes nothing, while it is written to and again (E8). What the kernel's table says is made up here. */
@Timeout(60)
class DeliveryCheckTest {
    private static final Duration STALL = Duration.ofMillis(800);
    private static final int MANY = 2000;

    private final TestBackend backend = TestBackend.listening();
    private final AtomicLong sent = new AtomicLong();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void sender_whoGoesOnWhileNothingArrives_isStalled() {
        try (TcpProxy proxy = proxy(written -> written);
                Peer client = Peer.connect(proxy.port());
                Peer served = backend.accept()) {
            assertThat(writesUntilReset(client)).isLessThan(MANY);
            assertThat(served.localPort()).isPositive();
            awaitClosed(proxy, CloseReason.STALL_TIMEOUT);
        }
    }

    @Test
    void sender_whoseBytesArriveLate_isNot() {
        try (TcpProxy proxy = proxy(written -> 1);
                Peer client = Peer.connect(proxy.port());
                Peer served = backend.accept()) {
            assertThat(writesUntilReset(client, 400)).isEqualTo(400);
            client.fin();
            served.receiveToEnd();
        }
    }

    private int writesUntilReset(Peer client) {
        return writesUntilReset(client, MANY);
    }

    private int writesUntilReset(Peer client, int most) {
        try {
            OutputStream out = client.socket().getOutputStream();
            for (int writes = 0; writes < most; writes++) {
                try {
                    sent.incrementAndGet();
                    out.write('x');
                } catch (IOException reset) {
                    return writes;
                }
                Background.pause(5);
            }
            return most;
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** How many bytes of those written are not acknowledged. */
    private interface Unacknowledged {
        long of(long written);
    }

    private TcpProxy proxy(Unacknowledged unacknowledged) {
        return TcpProxy.builder()
                .eventLoops(1)
                .timeouts(timeouts -> timeouts.stall(STALL))
                .platform(platform(unacknowledged))
                .to("127.0.0.1", backend.port())
                .start();
    }

    private Platform platform(Unacknowledged unacknowledged) {
        Platform system = Platform.system();
        SocketTable table = questions -> questions.forEach(question -> question.answer(unacknowledged.of(sent.get())));
        return new Platform(
                system.sockets(),
                system.nanoClock(),
                system.random(),
                system.threads(),
                system.workers(),
                system.connectionsThatFit(),
                table,
                system.watch());
    }
}
