package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.internal.util.Platform;
import io.lb4j.selection.BackendSelector;
import io.lb4j.stats.BackendStats;
import io.lb4j.testing.Background;
import io.lb4j.testing.DeafBackend;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.Peer.Received;
import io.lb4j.testing.Program;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Backends that cannot be connected to, and what a connection does about it (catalogue, C). */
class ConnectFailoverTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener events = new RecordingListener();
    private final LoadBalancerBuilder builder =
            LoadBalancer.builder().eventLoops(1).noHealthCheck().listener(events);
    private final TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
    private final TestBackend echoing = resources.add(TestBackend.echoing());

    @Test
    void connect_refused_nextBackendGetsAllBytes() { // C1
        int connections = 2000;
        TestBackend backend = resources.add(TestBackend.listening());
        Set<List<Integer>> offeredAfterFailure = ConcurrentHashMap.newKeySet();
        BackendSelector roundRobin = BackendSelector.roundRobin();
        LoadBalancer lb = start(builder.noOutlierDetection()
                .backend("127.0.0.1", refusing.port())
                .backend("127.0.0.1", backend.port())
                .selector((candidates, connection) -> {
                    if (connection.attempt() > 1) {
                        offeredAfterFailure.add(candidates.stream()
                                .map(candidate -> candidate.backend().port())
                                .toList());
                    }
                    return roundRobin.select(candidates, connection);
                }));

        Background.run(() -> echoOneAfterAnother(backend));
        for (int i = 0; i < connections; i++) {
            String text = "connection " + i;
            try (Peer client = Peer.connect(lb.port())) {
                client.send(text).fin();
                assertThat(client.receiveText(text.length())).isEqualTo(text);
                assertThat(client.receiveToEnd().end()).isEqualTo(End.EOF);
            }
        }

        awaitEnded(lb, connections);
        assertThat(lb.stats().proxy().closed(CloseReason.COMPLETED)).isEqualTo(connections);
        assertThat(offeredAfterFailure).containsExactly(List.of(backend.port()));
        assertNeverServed(statsOf(lb, refusing.port()), connections / 2);
        assertThat(statsOf(lb, backend.port()).connections()).isEqualTo(connections);
    }

    @Test
    void connect_allRefuse_clientIsResetAtOnce() { // C2
        TestBackend.Refusing alsoRefusing = resources.add(TestBackend.refusing());
        CountDownLatch clientIsConnected = new CountDownLatch(1);
        LoadBalancer lb = start(builder.noOutlierDetection()
                .backend("127.0.0.1", refusing.port())
                .backend("127.0.0.1", alsoRefusing.port())
                .selector(after(clientIsConnected)));

        try (Peer client = Peer.connect(lb.port())) {
            clientIsConnected.countDown();
            client.receiveThenReset(0, 0);
        }

        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.CONNECT_FAILED);
        assertThat(summary.cause()).isInstanceOf(ConnectException.class);
        assertThat(summary.backend()).isNull();
        assertThat(summary.attempts()).isEqualTo(2);
        assertThat(events.opened()).isEmpty();
        awaitEnded(lb, 1);
        assertThat(lb.stats().proxy().connectFailuresTotal()).isEqualTo(2);
    }

    @Test
    void connect_blackHole_nextBackendAfterTheTimeout() { // C3
        TestBackend stalled = resources.add(TestBackend.stalled());
        Duration timeout = Duration.ofMillis(100);
        LoadBalancer lb = start(builder.backend("127.0.0.1", stalled.port())
                .backend("127.0.0.1", echoing.port())
                .timeouts(timeouts -> timeouts.connect(timeout)));

        try (Peer client = Peer.connect(lb.port())) {
            client.send("hello");
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }

        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.attempts()).isEqualTo(2);
        assertThat(summary.duration()).isGreaterThanOrEqualTo(timeout);
        assertNeverServed(statsOf(lb, stalled.port()), 1);
    }

    @Test
    void connect_blackHolesOnly_clientIsResetAfterTheTimeouts() { // C3
        TestBackend stalled = resources.add(TestBackend.stalled());
        LoadBalancer lb = start(builder.backend("127.0.0.1", stalled.port())
                .timeouts(timeouts -> timeouts.connect(Duration.ofMillis(100))));

        try (Peer client = Peer.connect(lb.port())) {
            client.receiveThenReset(0, 0);
        }

        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.CONNECT_FAILED);
        assertThat(summary.cause()).isInstanceOf(SocketTimeoutException.class);
    }

    /**
     * The story: select has found nothing; then the backend accepts; then the deadline is seen to have passed. The clock
     * is the place between the two where a test can make that happen.
     */
    @Test
    void connect_successAfterTheTimeout_isNeverUsed() { // C5
        TestBackend stalled = resources.add(TestBackend.stalled());
        AtomicReference<Peer> late = new AtomicReference<>();
        AtomicLong deadline = new AtomicLong(Long.MAX_VALUE);
        Duration timeout = Duration.ofMillis(800);
        BackendSelector roundRobin = BackendSelector.roundRobin();
        LoadBalancer lb = start(builder.name("late")
                .platform(withClock(() -> {
                    boolean passed = System.nanoTime() >= deadline.get();
                    if (passed && Thread.currentThread().getName().equals("lb-late-io-0")) {
                        deadline.set(Long.MAX_VALUE);
                        late.set(acceptAfterFillers(stalled));
                    }
                    return System.nanoTime();
                }))
                .backend("127.0.0.1", stalled.port())
                .backend("127.0.0.1", echoing.port())
                .timeouts(timeouts -> timeouts.connect(timeout))
                .selector((candidates, connection) -> {
                    if (connection.attempt() == 1) {
                        // The loop asks for the time when the attempt's is over, and not once before that.
                        deadline.set(System.nanoTime() + timeout.toNanos() / 2);
                    }
                    return roundRobin.select(candidates, connection);
                }));

        try (Peer client = Peer.connect(lb.port())) {
            client.send("hello");
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }

        Received received = late.get().receiveToEnd();
        assertThat(received.end()).as("the late connection is closed").isNotEqualTo(End.TIMEOUT);
        assertThat(received.count()).isZero();
        assertThat(events.awaitClosed().attempts()).isEqualTo(2);
        assertNeverServed(statsOf(lb, stalled.port()), 1);
        assertThat(statsOf(lb, echoing.port()).connections()).isEqualTo(1);
    }

    @Test
    void connect_backendResetsRightAfterAccept_isNotTriedAgain() { // C8
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(builder.backend("127.0.0.1", backend.port()).backend("127.0.0.1", echoing.port()));

        try (Peer client = Peer.connect(lb.port())) {
            Peer served = backend.accept();
            // A reset that overtakes the end of our connect is a failed attempt, and the next backend's turn.
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> !events.opened().isEmpty());
            served.rst();
            client.receiveThenReset(0, 0);
        }

        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.BACKEND_RESET);
        assertThat(summary.attempts()).isEqualTo(1);
        assertThat(summary.backend()).isNotNull();
        assertNeverServed(statsOf(lb, echoing.port()), 0);
    }

    @Test
    void relay_backendProcessIsKilledWithUnreadData_clientIsResetAndNoOtherBackendTried() throws Exception { // C9
        Program deaf = resources.add(DeafBackend.start());
        LoadBalancer lb =
                start(builder.backend("127.0.0.1", DeafBackend.portOf(deaf)).backend("127.0.0.1", echoing.port()));

        try (Peer client = Peer.connect(lb.port())) {
            client.send(100_000, 1);
            await().until(() -> lb.stats().proxy().bytesToBackend() > 0);
            deaf.process().destroyForcibly();
            client.receiveThenReset(0, 0);
        }

        ConnectionSummary summary = events.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.BACKEND_RESET);
        assertThat(summary.attempts()).isEqualTo(1);
        assertNeverServed(statsOf(lb, echoing.port()), 0);
        awaitEnded(lb, 1);
    }

    private static void assertNeverServed(BackendStats stats, long failures) {
        assertThat(stats.active()).isZero();
        assertThat(stats.connections()).isZero();
        assertThat(stats.closedTotal()).isZero();
        assertThat(stats.connectFailuresTotal()).isEqualTo(failures);
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }

    static void awaitEnded(LoadBalancer lb, long connections) {
        await().pollInterval(Duration.ofMillis(2))
                .untilAsserted(
                        () -> assertThat(lb.stats().proxy().closedTotal()).isEqualTo(connections));
        assertThat(lb.stats().proxy().active()).isZero();
    }

    static BackendStats statsOf(LoadBalancer lb, int port) {
        return lb.stats().backends().get("127.0.0.1:" + port);
    }

    /** Holds the loop, so that nothing happens to a client before its connect has returned. */
    static BackendSelector after(CountDownLatch latch) {
        return (candidates, connection) -> {
            try {
                assertThat(latch.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                        .isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return candidates.get(0);
        };
    }

    /** Makes room in the backlog of a stalled backend and takes the connection that waits for it. */
    static Peer acceptAfterFillers(TestBackend stalled) {
        stalled.accept();
        stalled.accept();
        return stalled.accept();
    }

    /** Without a thread for each connection: thousands of them are made here. */
    private static void echoOneAfterAnother(TestBackend backend) throws IOException {
        while (true) {
            try (Peer served = backend.accept()) {
                served.socket().getInputStream().transferTo(served.socket().getOutputStream());
            }
        }
    }

    private static Platform withClock(LongSupplier clock) {
        Platform system = Platform.system();
        return new Platform(system.sockets(), clock, system.random(), system.threads());
    }
}
