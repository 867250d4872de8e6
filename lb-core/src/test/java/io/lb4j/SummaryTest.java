package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.access.AccessRules;
import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionHalfClosed;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.internal.util.Platform;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.FrontendReconfiguration;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** For every way a connection can end: the whole summary, through real sockets. */
class SummaryTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Set<CloseReason> SEEN = EnumSet.noneOf(CloseReason.class);

    @RegisterExtension
    final Resources resources = new Resources();

    private final EventLog events = new EventLog();
    private final TestBackend backend = TestBackend.listening();
    private LoadBalancer lb;
    private Peer client;
    private Peer served;

    @AfterAll
    static void everyReasonWasSeen() {
        Set<CloseReason> elsewhere = EnumSet.of(
                // That one takes a machine without ports: OwnNetworkTest.
                CloseReason.LOCAL_SHORTAGE,
                // TlsEndingsTest
                CloseReason.CLIENT_TRUNCATED,
                CloseReason.BACKEND_TRUNCATED,
                CloseReason.CLIENT_TLS_FAILED,
                CloseReason.BACKEND_TLS_FAILED,
                // TlsFrontendTest
                CloseReason.TLS_HANDSHAKE_FAILED,
                CloseReason.TLS_HANDSHAKE_TIMEOUT);
        assertThat(SEEN).containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.copyOf(elsewhere)));
    }

    @Test
    void completed_clientFirst() {
        relay(builder -> builder);
        client.send("abc").fin();
        assertThat(served.receiveText(3)).isEqualTo("abc");
        served.send("defgh").fin();
        client.receiveToEnd();
        ConnectionSummary summary = ends(CloseReason.COMPLETED, ConnectionPhase.FINISHED, Party.CLIENT, "--");
        assertThat(summary.bytesToBackend()).isEqualTo(3);
        assertThat(summary.bytesToClient()).isEqualTo(5);
        assertThat(summary.timeToFirstByte()).isNotNull().isLessThanOrEqualTo(summary.duration());
        assertThat(summary.cause()).isNull();
    }

    @Test
    void completed_backendFirst() {
        relay(builder -> builder);
        served.send("x").fin();
        client.receiveToEnd();
        client.fin();
        ends(CloseReason.COMPLETED, ConnectionPhase.FINISHED, Party.BACKEND, "--");
    }

    @Test
    void clientReset_whileRelaying() {
        relay(builder -> builder);
        client.rst();
        assertThat(ends(CloseReason.CLIENT_RESET, ConnectionPhase.RELAYING, Party.CLIENT, "CD")
                        .cause())
                .hasMessageContaining("reset");
    }

    @Test
    void clientReset_afterTheBackendFinished() {
        relay(builder -> builder);
        served.send("x").fin();
        assertThat(events.await(ConnectionHalfClosed.class).finished()).isEqualTo(Party.BACKEND);
        client.receiveToEnd();
        client.rst();
        ends(CloseReason.CLIENT_RESET, ConnectionPhase.BACKEND_FINISHED, Party.CLIENT, "CL");
    }

    @Test
    void backendReset_whileRelaying() {
        relay(builder -> builder);
        served.rst();
        ConnectionSummary summary = ends(CloseReason.BACKEND_RESET, ConnectionPhase.RELAYING, Party.BACKEND, "SD");
        assertThat(summary.timeToFirstByte()).isNull();
        assertThat(summary.bytesToClient()).isZero();
    }

    @Test
    void backendReset_afterTheClientFinished() {
        relay(builder -> builder);
        client.fin();
        assertThat(events.await(ConnectionHalfClosed.class).finished()).isEqualTo(Party.CLIENT);
        served.rst();
        ends(CloseReason.BACKEND_RESET, ConnectionPhase.CLIENT_FINISHED, Party.BACKEND, "SD");
    }

    @Test
    void accessDenied() {
        comesTo(change -> change.access(AccessRules.Builder::otherwiseDeny));
        turnedAway(CloseReason.ACCESS_DENIED);
    }

    @Test
    void clientLimit() {
        comesTo(change -> change.clientLimits(limits -> limits.maxConnections(1)));
        events.await(ConnectionOpened.class, 2);
        client = resources.add(Peer.connect(lb.port()));
        turnedAway(CloseReason.CLIENT_LIMIT);
    }

    @Test
    void clientRate() {
        comesTo(change -> change.clientLimits(limits -> limits.connectRate(1, Duration.ofHours(1))));
        events.await(ConnectionOpened.class, 2);
        client = resources.add(Peer.connect(lb.port()));
        turnedAway(CloseReason.CLIENT_RATE);
    }

    @Test
    void peerNotTrusted() {
        comesTo(change -> change.proxyProtocol(proxies -> proxies.trust("10.0.0.0/8")));
        turnedAway(CloseReason.PEER_NOT_TRUSTED);
    }

    @Test
    void prefaceInvalid() {
        comesTo(change -> change.proxyProtocol(proxies -> proxies.trust("127.0.0.0/8")));
        client.send("GET / HTTP/1.0");
        ConnectionSummary summary = common(CloseReason.PREFACE_INVALID, ConnectionPhase.ARRIVING, Party.CLIENT, "PR");
        assertThat(summary.cause()).isInstanceOf(ProtocolException.class).hasMessageStartingWith("PROXY");
    }

    @Test
    void prefaceTimeout() {
        relay(builder -> builder);
        lb.reconfigure(change -> change.timeouts(timeouts -> timeouts.preface(SHORT)));
        lb.frontends().get(0).reconfigure(change -> change.connectWhen(ConnectWhen.FIRST_BYTE));
        client = resources.add(Peer.connect(lb.port()));
        ConnectionSummary summary = common(CloseReason.PREFACE_TIMEOUT, ConnectionPhase.ARRIVING, Party.CLIENT, "cR");
        assertThat(summary.duration()).isGreaterThanOrEqualTo(SHORT);
    }

    @Test
    void noRoute() {
        connectTo(builder -> LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.route(connection -> null))
                .backend("127.0.0.1", 1)
                .noHealthCheck()
                .listener(events));
        neverServed(CloseReason.NO_ROUTE, Party.BALANCER, "SC");
    }

    /** A second client, after this change. */
    private void comesTo(Consumer<FrontendReconfiguration> change) {
        relay(builder -> builder);
        lb.frontends().get(0).reconfigure(change);
        client = resources.add(Peer.connect(lb.port()));
    }

    private void turnedAway(CloseReason reason) {
        ConnectionSummary summary = common(reason, ConnectionPhase.ARRIVING, Party.BALANCER, "PR");
        assertThat(summary.attempts()).isZero();
        assertThat(summary.backend()).isNull();
        assertThat(summary.cause()).isNull();
    }

    @Test
    void noBackend() {
        connect(builder -> builder.selector((candidates, connection) -> null));
        ConnectionSummary summary = neverServed(CloseReason.NO_BACKEND, Party.BALANCER, "SC");
        assertThat(summary.attempts()).isZero();
        assertThat(summary.cause()).isNull();
    }

    @Test
    void queueFull() {
        secondOfOnePlace(builder -> builder.noQueue());
        ConnectionSummary summary = neverServed(CloseReason.QUEUE_FULL, Party.BALANCER, "PC");
        assertThat(summary.attempts()).isZero();
        assertThat(summary.queueTime()).isZero();
    }

    @Test
    void queueTimeout() {
        secondOfOnePlace(builder -> builder.queue(queue -> queue.timeout(SHORT)));
        ConnectionSummary summary = common(CloseReason.QUEUE_TIMEOUT, ConnectionPhase.WAITING, Party.BACKEND, "sQ");
        assertThat(summary.attempts()).isZero();
        assertThat(summary.queueTime()).isGreaterThanOrEqualTo(SHORT);
    }

    private void secondOfOnePlace(UnaryOperator<LoadBalancerBuilder> settings) {
        connectTo(builder -> settings.apply(
                builder.backend(Backend.of("127.0.0.1", backend.port()).withMaxConnections(1))));
        served = backend.accept();
        events.await(ConnectionOpened.class);
        client = resources.add(Peer.connect(lb.port()));
    }

    @Test
    void connectFailed_refused() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        connectTo(builder -> builder.backend("127.0.0.1", refusing.port()));
        ConnectionSummary summary = neverServed(CloseReason.CONNECT_FAILED, Party.BACKEND, "SC");
        assertThat(summary.attempts()).isEqualTo(1);
        assertThat(summary.cause()).isInstanceOf(ConnectException.class);
    }

    @Test
    void connectFailed_timedOut() {
        TestBackend stalled = resources.add(TestBackend.stalled());
        connectTo(
                builder -> builder.backend("127.0.0.1", stalled.port()).timeouts(timeouts -> timeouts.connect(SHORT)));
        assertThat(neverServed(CloseReason.CONNECT_FAILED, Party.BACKEND, "sC").cause())
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void idleTimeout() {
        relay(builder -> builder.timeouts(timeouts -> timeouts.idle(SHORT)));
        ends(CloseReason.IDLE_TIMEOUT, ConnectionPhase.RELAYING, Party.BALANCER, "cD");
    }

    @Test
    void halfClosedTimeout_waitingForTheBackend() {
        relay(builder -> builder.timeouts(timeouts -> timeouts.halfClosed(SHORT)));
        client.fin();
        ends(CloseReason.HALF_CLOSED_TIMEOUT, ConnectionPhase.CLIENT_FINISHED, Party.BACKEND, "sD");
    }

    @Test
    void halfClosedTimeout_waitingForTheClient() {
        relay(builder -> builder.timeouts(timeouts -> timeouts.halfClosed(SHORT)));
        served.fin();
        ends(CloseReason.HALF_CLOSED_TIMEOUT, ConnectionPhase.BACKEND_FINISHED, Party.CLIENT, "cL");
    }

    @Test
    void stallTimeout_theClientTakesNothing() {
        relay(builder -> builder.timeouts(timeouts -> timeouts.stall(Duration.ofMillis(300))));
        served.sendInBackground(1 << 30, 1);
        ends(CloseReason.STALL_TIMEOUT, ConnectionPhase.RELAYING, Party.CLIENT, "cD");
    }

    @Test
    void stallTimeout_theBackendTakesNothing() {
        relay(builder -> builder.timeouts(timeouts -> timeouts.stall(Duration.ofMillis(300))));
        client.sendInBackground(1 << 30, 1);
        ends(CloseReason.STALL_TIMEOUT, ConnectionPhase.RELAYING, Party.BACKEND, "sD");
    }

    @Test
    void maxLifetime() {
        relay(builder -> builder.timeouts(timeouts -> timeouts.lifetime(SHORT)));
        ends(CloseReason.MAX_LIFETIME, ConnectionPhase.RELAYING, Party.BALANCER, "PD");
    }

    @Test
    void backendDown() {
        AtomicBoolean fails = new AtomicBoolean();
        // Somebody else to come back to: the last backend's clients are left alone.
        relay(builder -> builder.onDown(OnDown.CLOSE)
                .backend(Backend.of("127.0.0.1", backend.port()).withId("other").withPriority(1))
                .healthCheck(check -> check.interval(Duration.ofMillis(20)).checker((checked, timeout) -> {
                    if (fails.get() && checked.id().equals("b")) {
                        throw new IllegalStateException("scripted");
                    }
                })));
        fails.set(true);
        ends(CloseReason.BACKEND_DOWN, ConnectionPhase.RELAYING, Party.BALANCER, "DD");
    }

    @Test
    void backendDrained() {
        relay(builder -> builder);
        lb.backends().drain("b", Duration.ZERO);
        ends(CloseReason.BACKEND_DRAINED, ConnectionPhase.RELAYING, Party.BALANCER, "KD");
    }

    @Test
    void closedByOperator() {
        relay(builder -> builder);
        long id = lb.connections()
                .list()
                .orTimeout(10, TimeUnit.SECONDS)
                .join()
                .get(0)
                .id();
        assertThat(lb.connections().close(id).orTimeout(10, TimeUnit.SECONDS).join())
                .isTrue();
        ends(CloseReason.CLOSED_BY_OPERATOR, ConnectionPhase.RELAYING, Party.BALANCER, "KD");
    }

    @Test
    void rebalanced() {
        relay(builder -> builder);
        assertThat(lb.connections().rebalance(100, Duration.ZERO))
                .succeedsWithin(Duration.ofSeconds(20))
                .isEqualTo(1);
        ends(CloseReason.REBALANCED, ConnectionPhase.RELAYING, Party.BALANCER, "KD");
    }

    @Test
    void failBack() {
        AtomicBoolean passes = new AtomicBoolean();
        connectTo(builder -> builder.onRecovery(OnRecovery.CLOSE_LOWER_TIERS)
                .selector(BackendSelector.first())
                .backend(Backend.of("127.0.0.1", 1).withId("primary"))
                .backend(Backend.of("127.0.0.1", backend.port()).withId("b"))
                .healthCheck(check -> check.interval(Duration.ofMillis(20))
                        .awaitFirstChecks(Duration.ofSeconds(20))
                        .checker((checked, timeout) -> {
                            if (!passes.get() && checked.id().equals("primary")) {
                                throw new IllegalStateException("scripted");
                            }
                        })));
        served = backend.accept();
        events.await(ConnectionOpened.class);
        passes.set(true);
        ends(CloseReason.FAIL_BACK, ConnectionPhase.RELAYING, Party.BALANCER, "UD");
    }

    @Test
    void drainDeadline() {
        relay(builder -> builder);
        lb.drain(Duration.ZERO);
        ends(CloseReason.DRAIN_DEADLINE, ConnectionPhase.RELAYING, Party.BALANCER, "KD");
    }

    @Test
    void balancerClosed_whileRelaying() {
        relay(builder -> builder);
        lb.close();
        ends(CloseReason.BALANCER_CLOSED, ConnectionPhase.RELAYING, Party.BALANCER, "KD");
    }

    @Test
    void balancerClosed_whileConnecting() {
        TestBackend stalled = resources.add(TestBackend.stalled());
        connectTo(builder -> builder.backend("127.0.0.1", stalled.port()));
        events.await(ConnectionAccepted.class);
        lb.close();
        assertThat(neverServed(CloseReason.BALANCER_CLOSED, Party.BALANCER, "KC")
                        .attempts())
                .isEqualTo(1);
    }

    /** A clock that fails when the connector asks for the time stands for a bug. */
    @Test
    void internalError() {
        AtomicBoolean fails = new AtomicBoolean();
        Platform system = Platform.system();
        Platform broken = new Platform(
                system.sockets(),
                () -> {
                    if (fails.get() && isAskedByTheConnector()) {
                        throw new IllegalStateException("scripted");
                    }
                    return System.nanoTime();
                },
                system.random(),
                system.threads());
        connect(builder -> builder.platform(broken).selector((candidates, connection) -> {
            fails.set(true);
            return candidates.get(0);
        }));
        assertThat(neverServed(CloseReason.INTERNAL_ERROR, Party.BALANCER, "IC").cause())
                .hasMessage("scripted");
    }

    private static boolean isAskedByTheConnector() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().startsWith(SummaryTest.class.getName()))
                        .findFirst()
                        .filter(frame -> frame.getClassName().endsWith(".BackendConnector"))
                        .isPresent());
    }

    // ---- what all have in common

    /** A balancer before a backend that listens. */
    private void connect(UnaryOperator<LoadBalancerBuilder> settings) {
        connectTo(builder -> settings.apply(
                builder.backend(Backend.of("127.0.0.1", backend.port()).withId("b"))));
    }

    private void connectTo(UnaryOperator<LoadBalancerBuilder> settings) {
        resources.add(backend);
        LoadBalancerBuilder builder =
                LoadBalancer.builder().listen("127.0.0.1", 0).noHealthCheck().listener(events);
        lb = resources.add(settings.apply(builder).start());
        client = resources.add(Peer.connect(lb.port()));
    }

    /** A connection that has its backend. */
    private void relay(UnaryOperator<LoadBalancerBuilder> settings) {
        connect(settings);
        served = backend.accept();
        events.await(ConnectionOpened.class);
    }

    private ConnectionSummary ends(CloseReason reason, ConnectionPhase phase, Party endedBy, String code) {
        ConnectionSummary summary = common(reason, phase, endedBy, code);
        assertThat(summary.backend())
                .isEqualTo(Backend.of("127.0.0.1", backend.port()).withId("b"));
        assertThat(summary.backendAddress())
                .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), backend.port()));
        assertThat(summary.attempts()).isEqualTo(1);
        assertThat(summary.connectTime())
                .isPositive()
                .isLessThanOrEqualTo(summary.duration().plusMillis(1));
        return summary;
    }

    private ConnectionSummary neverServed(CloseReason reason, Party endedBy, String code) {
        ConnectionSummary summary = common(reason, ConnectionPhase.CONNECTING, endedBy, code);
        assertThat(summary.backend()).isNull();
        assertThat(summary.backendAddress()).isNull();
        assertThat(summary.connectTime()).isZero();
        assertThat(summary.timeToFirstByte()).isNull();
        assertThat(summary.bytesToBackend()).isZero();
        assertThat(summary.bytesToClient()).isZero();
        return summary;
    }

    private ConnectionSummary common(CloseReason reason, ConnectionPhase phase, Party endedBy, String code) {
        ConnectionSummary summary = events.await(ConnectionSummary.class);
        SEEN.add(reason);
        assertThat(summary.reason()).isEqualTo(reason);
        assertThat(summary.phase()).isEqualTo(phase);
        assertThat(summary.endedBy()).isEqualTo(endedBy);
        assertThat(summary.terminationCode()).isEqualTo(code);
        assertThat(summary.id()).isPositive();
        assertThat(events.await(ConnectionAccepted.class, 1))
                .filteredOn(accepted -> accepted.id() == summary.id())
                .extracting(ConnectionAccepted::clientAddress)
                .containsExactly(summary.clientAddress());
        if (client.localPort() > 0) { // it can be reset, and closed, before its connect returns
            assertThat(summary.clientAddress().getPort()).isEqualTo(client.localPort());
        }
        assertThat(summary.listenAddress()).isEqualTo(lb.address());
        assertThat(lb.stats().proxy().closed(reason)).isEqualTo(1);
        return summary;
    }
}
