package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.AccessLog;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.event.Party;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.jmx.JmxRegistration;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.PortRange;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the README promises, one test for each promise, through the public API and real sockets. */
class PromisesTest {
    private static final int MEBIBYTE = 1 << 20;

    @Test
    void noSilentTruncation_backendResetMidStream_clientGetsWhatCameThenReset() {
        try (TestBackend backend = TestBackend.listening();
                LoadBalancer lb = start(backend.port());
                Peer client = Peer.connect(lb.port())) {
            client.send("go");
            Peer served = backend.accept();
            assertThat(served.receiveText(2)).isEqualTo("go");
            served.send(10_000, 1).rst();
            client.receiveThenReset(10_000, 1);
        }
    }

    @Test
    void endOfStream_isPassedOnAfterTheLastByte_andTheOtherDirectionGoesOn() {
        try (TestBackend backend = TestBackend.listening();
                LoadBalancer lb = start(backend.port());
                Peer client = Peer.connect(lb.port())) {
            client.send(MEBIBYTE, 2).fin();
            Peer served = backend.accept();
            served.receiveAll(MEBIBYTE, 2);
            served.send(MEBIBYTE, 3).fin();
            client.receiveAll(MEBIBYTE, 3);
        }
    }

    @Test
    void anotherBackend_isTried_whenOneCannotBeConnectedTo() {
        try (TestBackend.Refusing first = TestBackend.refusing();
                TestBackend.Refusing second = TestBackend.refusing();
                TestBackend third = TestBackend.saying("third");
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", first.port())
                        .backend("127.0.0.1", second.port())
                        .backend("127.0.0.1", third.port())
                        .noHealthCheck()
                        .start()) {
            for (int i = 0; i < 30; i++) {
                try (Peer client = Peer.connect(lb.port())) {
                    assertThat(client.receiveText(5)).isEqualTo("third");
                }
            }
            assertThat(lb.config().proxy().limits().connectAttempts()).isEqualTo(3);
        }
    }

    @Test
    void noOtherBackend_isTried_onceAByteHasBeenSentToOne() {
        try (TestBackend first = TestBackend.listening();
                TestBackend second = TestBackend.saying("second");
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", first.port())
                        .backend("127.0.0.1", second.port())
                        .selector(BackendSelector.first())
                        .noHealthCheck()
                        .start();
                Peer client = Peer.connect(lb.port())) {
            client.send("?");
            Peer served = first.accept();
            assertThat(served.receiveText(1)).isEqualTo("?");
            served.rst();
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
            assertThat(lb.stats().proxy().connectAttempts()).isEqualTo(1);
        }
    }

    @Test
    void severalPortsAndSetsOfBackends_areOneBalancer_andMoreAreAddedWhileItRuns() {
        try (TestBackend writing = TestBackend.saying("writes");
                TestBackend reading = TestBackend.saying("reads!");
                TestBackend added = TestBackend.saying("added!");
                LoadBalancer lb = LoadBalancer.builder()
                        .listen("127.0.0.1", 0, frontend -> frontend.name("writes")
                                .pool("writes")
                                .timeouts(timeouts -> timeouts.noIdle()))
                        .listen("127.0.0.1", 0, frontend -> frontend.name("either")
                                .route(connection -> connection.frontend().equals("either") ? "reads" : "writes"))
                        .pool("writes", pool -> pool.backend("127.0.0.1", writing.port())
                                .noHealthCheck()
                                .noQueue())
                        .pool("reads", pool -> pool.backend("127.0.0.1", reading.port())
                                .noHealthCheck()
                                .selector(BackendSelector.leastConnections()))
                        .start()) {
            lb.pool("more", pool -> pool.backend("127.0.0.1", added.port()).noHealthCheck());
            Frontend more = lb.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.pool("more"));
            assertThat(firstWord(lb.frontend("writes"))).isEqualTo("writes");
            assertThat(firstWord(lb.frontend("either"))).isEqualTo("reads!");
            assertThat(firstWord(more)).isEqualTo("added!");
            assertThat(more.drain(Duration.ofSeconds(10))).succeedsWithin(Duration.ofSeconds(15));
            assertThat(firstWord(lb.frontend("writes"))).isEqualTo("writes");
        }
    }

    private static String firstWord(Frontend frontend) {
        try (Peer client = Peer.connect(frontend.port())) {
            return client.receiveText(6);
        }
    }

    @Test
    void slowReader_slowsItsSender_andNobodyElse() {
        try (TestBackend backend = TestBackend.listening();
                LoadBalancer lb = LoadBalancer.builder()
                        .eventLoops(1)
                        .backend("127.0.0.1", backend.port())
                        .noHealthCheck()
                        .start();
                Peer slow = Peer.connect(lb.port());
                Peer flooding = backend.accept();
                Peer quick = Peer.connect(lb.port());
                Peer answering = backend.accept()) {
            var flood = flooding.sendInBackground(64L * MEBIBYTE, 4).thenRun(flooding::fin);
            await().until(() -> lb.stats().proxy().pauses() > lb.stats().proxy().resumes());
            quick.send("ping");
            assertThat(answering.receiveText(4)).isEqualTo("ping");
            answering.send("pong");
            assertThat(quick.receiveText(4)).isEqualTo("pong");
            assertThat(flood).isNotDone();
            slow.receiveAll(64L * MEBIBYTE, 4);
            flood.join();
        }
    }

    @Test
    void healthChecks_areTcpConnectEvery30sWithin5s_andBeginAtOnce() {
        try (TestBackend.Refusing dead = TestBackend.refusing();
                TestBackend alive = TestBackend.echoing();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", dead.port())
                        .backend("127.0.0.1", alive.port())
                        .start()) {
            HealthCheckPolicy policy = lb.config().defaultPool().healthCheck().orElseThrow();
            assertThat(policy.checker()).hasToString("tcpConnect");
            assertThat(policy.interval()).isEqualTo(Duration.ofSeconds(30));
            assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(5));
            assertThat(policy.unhealthyAfter()).isEqualTo(2);
            await().untilAsserted(() -> assertThat(lb.backends().list())
                    .extracting(state -> state.status())
                    .containsExactly(BackendStatus.DOWN, BackendStatus.UP));
            assertThat(lb.backends().list().get(0).reason())
                    .contains("failed checks")
                    .contains("refused");
        }
    }

    @Test
    void deadBackend_isOut_beforeTheNextCheckIsDue() {
        try (TestBackend.Refusing dead = TestBackend.refusing();
                TestBackend alive = TestBackend.saying("alive");
                LoadBalancer checked = LoadBalancer.builder()
                        .backend("127.0.0.1", dead.port())
                        .backend("127.0.0.1", alive.port())
                        .start();
                LoadBalancer unchecked = LoadBalancer.builder()
                        .backend("127.0.0.1", dead.port())
                        .backend("127.0.0.1", alive.port())
                        .noHealthCheck()
                        .start()) {
            await().until(() -> checked.backends().list().get(0).status() == BackendStatus.DOWN);
            for (int i = 0; i < 12; i++) {
                try (Peer client = Peer.connect(unchecked.port())) {
                    assertThat(client.receiveText(5)).isEqualTo("alive");
                }
            }
            assertThat(unchecked.backends().list().get(0).status()).isEqualTo(BackendStatus.EJECTED);
            assertThat(unchecked.backends().list().get(0).reason()).contains("5 failed connects in a row");
        }
    }

    @Test
    void changedWhileItRuns_noOpenConnectionNotices_andRemovedIsRemoved() {
        try (TestBackend old = TestBackend.echoing();
                TestBackend fresh = TestBackend.saying("fresh");
                LoadBalancer lb = start(old.port());
                Peer client = Peer.connect(lb.port())) {
            assertThat(client.send("a").receiveText(1)).isEqualTo("a");
            lb.backends().add(Backend.of("127.0.0.1", fresh.port()).withId("fresh"));
            lb.backends().remove("127.0.0.1:" + old.port());
            lb.backends().weight("fresh", 7);
            lb.reconfigure(change -> change.limits(limits -> limits.connections(100))
                    .timeouts(timeouts -> timeouts.idle(Duration.ofHours(2))));
            for (int i = 0; i < 10; i++) {
                try (Peer another = Peer.connect(lb.port())) {
                    assertThat(another.receiveText(5)).isEqualTo("fresh");
                }
            }
            assertThat(client.send("b").receiveText(1)).isEqualTo("b");
        }
    }

    @Test
    void yourCode_thatThrows_cannotStopTheBalancer() {
        LoadBalancerListener hostile = new LoadBalancerListener() {
            @Override
            public void connectionClosed(ConnectionSummary summary) {
                throw new AssertionError("listener");
            }
        };
        boolean[] throwing = {true};
        try (TestBackend backend = TestBackend.saying("hello");
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", backend.port())
                        .selector((candidates, connection) -> {
                            if (throwing[0]) {
                                throw new StackOverflowError("selector");
                            }
                            return candidates.get(0);
                        })
                        .healthCheck(check -> check.checker((checked, timeout) -> {
                                    throw new LinkageError("checker");
                                })
                                .unhealthyAfter(2))
                        .listener(hostile)
                        .start()) {
            try (Peer refused = Peer.connect(lb.port())) {
                assertThat(refused.receiveToEnd().end()).isEqualTo(End.RESET);
            }
            throwing[0] = false;
            try (Peer served = Peer.connect(lb.port())) {
                assertThat(served.receiveText(5)).isEqualTo("hello");
            }
            await().until(() -> lb.stats().proxy().guestFailures() >= 2);
            assertThat(lb.stats().proxy().closed(CloseReason.NO_BACKEND)).isEqualTo(1);
        }
    }

    @Test
    void everyEnd_hasAReason_andEveryoneTellsTheSame() throws Exception {
        EventLog events = new EventLog();
        try (LogCapture log = LogCapture.open();
                TestBackend backend = TestBackend.listening();
                LoadBalancer lb = LoadBalancer.builder()
                        .noHealthCheck()
                        .listen("127.0.0.1", 0)
                        .backend("127.0.0.1", backend.port())
                        .listener(AccessLog.to(LoggerFactory.getLogger("io.lb4j.access")))
                        .listener(events)
                        .start();
                AdminServer admin =
                        AdminServer.builder(lb).listen("127.0.0.1", 0).start();
                JmxRegistration jmx = JmxRegistration.of(lb);
                Peer client = Peer.connect(lb.port());
                Peer served = backend.accept()) {
            MeterRegistry meters = new SimpleMeterRegistry();
            new LoadBalancerMetrics(lb).bindTo(meters);
            client.send("question");
            assertThat(served.receiveText(8)).isEqualTo("question");
            served.send("ans");
            assertThat(client.receiveText(3)).isEqualTo("ans");
            served.rst();
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);

            ConnectionSummary summary = events.await(ConnectionSummary.class);
            assertThat(summary.reason()).isEqualTo(CloseReason.BACKEND_RESET);
            assertThat(summary.endedBy()).isEqualTo(Party.BACKEND);
            assertThat(summary.phase()).isEqualTo(ConnectionPhase.RELAYING);
            assertThat(summary.bytesToBackend()).isEqualTo(8);
            assertThat(summary.bytesToClient()).isEqualTo(3);
            await().until(() -> lb.stats().proxy().closed(CloseReason.BACKEND_RESET) == 1);
            assertThat(log.messages("reason=BACKEND_RESET phase=RELAYING ended_by=BACKEND code=SD"))
                    .hasSize(1);
            assertThat(ManagementFactory.getPlatformMBeanServer().getAttribute(jmx.name(), "ClosedConnections"))
                    .asString()
                    .contains("BACKEND_RESET");
            assertThat(HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + "/status"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("\"BACKEND_RESET\":1");
            assertThat(meters.get("lb4j.connections.closed")
                            .tag("reason", "BACKEND_RESET")
                            .functionCounter()
                            .count())
                    .isOne();
        }
    }

    @Test
    void close_endsEverything_andLeavesNoThread() throws Exception {
        TestBackend backend = TestBackend.listening();
        LoadBalancer lb = start(backend.port());
        try (backend;
                Peer client = Peer.connect(lb.port());
                Peer served = backend.accept()) {
            lb.close();
            assertThat(lb.isClosed()).isTrue();
            assertThat(LeakCheck.balancerThreads()).isEmpty();
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
            assertThat(served.receiveToEnd().end()).isEqualTo(End.RESET);
            lb.close();
        }
    }

    @Test
    void drain_letsConnectionsFinish_andTellsHowManyDid() throws Exception {
        try (TestBackend backend = TestBackend.listening();
                LoadBalancer lb = start(backend.port());
                Peer finishing = Peer.connect(lb.port());
                Peer served = backend.accept();
                Peer staying = Peer.connect(lb.port());
                Peer kept = backend.accept()) {
            var result = lb.drain(Duration.ofMillis(300)).toCompletableFuture();
            finishing.send("last").fin();
            assertThat(served.receiveText(4)).isEqualTo("last");
            served.send("words").fin();
            assertThat(finishing.receiveText(5)).isEqualTo("words");
            assertThat(finishing.receiveToEnd().end()).isEqualTo(End.EOF);

            assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo(new DrainResult(1, 1));
            assertThat(staying.receiveToEnd().end()).isEqualTo(End.RESET);
            assertThat(kept.receiveToEnd().end()).isEqualTo(End.RESET);
        }
    }

    @Test
    void roundRobin_overThreeBackends_answersInTurn() {
        List<TestBackend> backends = List.of(TestBackend.saying("1"), TestBackend.saying("2"), TestBackend.saying("3"));
        List<String> answers = new ArrayList<>();
        try (LoadBalancer lb =
                start(backends.stream().mapToInt(TestBackend::port).toArray())) {
            for (int i = 0; i < 6; i++) {
                try (Peer client = Peer.connect(lb.port())) {
                    answers.add(client.receiveText(1));
                }
            }
        } finally {
            backends.forEach(TestBackend::close);
        }
        assertThat(answers).containsExactly("1", "2", "3", "1", "2", "3");
    }

    private static LoadBalancer start(int... ports) {
        LoadBalancerBuilder builder = LoadBalancer.builder().noHealthCheck();
        for (int port : ports) {
            builder.backend("127.0.0.1", port);
        }
        return builder.start();
    }
}
