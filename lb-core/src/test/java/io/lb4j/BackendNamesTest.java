package io.lb4j;

import static io.lb4j.ConnectFailoverTest.after;
import static io.lb4j.ConnectFailoverTest.awaitEnded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Backends known by a host name (catalogue, C12). */
class BackendNamesTest {
    /** A label longer than DNS allows: unknown everywhere, and no name server is asked. */
    private static final String UNKNOWN_HOST = "x".repeat(64);

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener events = new RecordingListener();
    private final TestBackend echoing = resources.add(TestBackend.echoing());
    private final LoadBalancerBuilder builder =
            LoadBalancer.builder().eventLoops(1).noHealthCheck().listener(events);

    @Test
    void hostName_known_isConnectedTo() { // C12
        LoadBalancer lb = start(builder.backend("localhost", echoing.port()));
        for (int i = 0; i < 3; i++) {
            assertEchoes(lb);
        }
        assertThat(lb.stats().backends().get("localhost:" + echoing.port()).connections())
                .isEqualTo(3);
    }

    @Test
    void hostName_unknown_nextBackendIsTried() { // C12
        LoadBalancer lb = start(builder.backend(UNKNOWN_HOST, 1).backend("127.0.0.1", echoing.port()));
        assertEchoes(lb);
        assertThat(events.awaitClosed().attempts()).isEqualTo(2);
        assertThat(lb.stats().backends().get(UNKNOWN_HOST + ":1").connectFailuresTotal())
                .isEqualTo(1);
    }

    @Test
    void hostName_unknownAndNoOther_clientIsReset() { // C12
        CountDownLatch clientIsConnected = new CountDownLatch(1);
        LoadBalancer lb = start(builder.backend(UNKNOWN_HOST, 1).selector(after(clientIsConnected)));
        try (Peer client = Peer.connect(lb.port())) {
            clientIsConnected.countDown();
            client.receiveThenReset(0, 0);
        }
        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.CONNECT_FAILED);
        assertThat(summary.cause()).isInstanceOf(UnknownHostException.class).hasMessageContaining(UNKNOWN_HOST);
        awaitEnded(lb, 1);
    }

    @Test
    void lookUp_thatTakesLong_holdsUpNobodyElse() { // C12
        CountDownLatch answer = new CountDownLatch(1);
        LoadBalancer lb = start(builder.platform(withSlowResolver(answer))
                .backend("localhost", echoing.port())
                .backend("127.0.0.1", echoing.port())
                .timeouts(timeouts -> timeouts.connect(Duration.ofSeconds(20))));
        try (Peer first = Peer.connect(lb.port())) {
            first.send("first");
            await().until(() -> lb.stats().proxy().connectAttempts() == 1);

            assertEchoes(lb);
            IdleProbe.assertIdle(() -> lb.stats().proxy());

            answer.countDown();
            assertThat(first.receiveText(5)).isEqualTo("first");
        }
    }

    @Test
    void lookUp_thatTakesTooLong_isAFailedAttempt() { // C12
        CountDownLatch answer = new CountDownLatch(1);
        LoadBalancer lb = start(builder.platform(withSlowResolver(answer))
                .backend("localhost", echoing.port())
                .backend("127.0.0.1", echoing.port())
                .timeouts(timeouts -> timeouts.connect(Duration.ofMillis(100))));
        assertEchoes(lb);
        assertThat(events.awaitClosed().attempts()).isEqualTo(2);
        answer.countDown();

        // The late answer is there for whoever comes next.
        await().until(() -> {
            assertEchoes(lb);
            return lb.stats().backends().get("localhost:" + echoing.port()).connections() > 0;
        });
    }

    @Test
    void lookUp_thatNeverEnds_failsTheConnectionAndNotTheClose() { // C12, C13
        CountDownLatch never = new CountDownLatch(1);
        LoadBalancer lb = start(builder.platform(withSlowResolver(never))
                .backend("localhost", echoing.port())
                .timeouts(timeouts -> timeouts.connect(Duration.ofMillis(100))));
        try (Peer client = Peer.connect(lb.port())) {
            client.receiveThenReset(0, 0);
        }
        assertThat(events.awaitClosed().cause()).isInstanceOf(SocketTimeoutException.class);
        lb.close();
        assertThat(lb.isClosed()).isTrue();
        never.countDown();
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }

    private static void assertEchoes(LoadBalancer lb) {
        try (Peer client = Peer.connect(lb.port())) {
            client.send("hello");
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }
    }

    /** Threads that look names up begin to do so when the latch opens; no interrupt hurries them, as in real life. */
    private static Platform withSlowResolver(CountDownLatch answer) {
        Platform system = Platform.system();
        return new Platform(system.sockets(), system.nanoClock(), system.random(), task -> system.threads()
                .newThread(() -> {
                    if (Thread.currentThread().getName().contains("-resolver-")) {
                        awaitUninterruptibly(answer);
                    }
                    task.run();
                }));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                latch.await();
                done = true;
            } catch (InterruptedException ignored) {
                // Name look-ups cannot be interrupted.
            }
        }
    }
}
