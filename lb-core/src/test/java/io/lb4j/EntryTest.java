package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.access.AccessRules;
import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.event.AcceptPaused;
import io.lb4j.event.AccessLog;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.event.Party;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.proxy.EntryPolicy;
import io.lb4j.proxy.Frontend;
import io.lb4j.testing.Background;
import io.lb4j.testing.EventOrder;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Who comes in at a frontend, and who does not, through real sockets. */
class EntryTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path folder;

    private final RecordingListener listener = new RecordingListener();
    private final Queue<String> disorder = new ConcurrentLinkedQueue<>();

    private LoadBalancer start(String host, Consumer<FrontendBuilder> frontend, Consumer<LoadBalancerBuilder> more) {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .listen(host, 0, settings -> frontend.accept(settings.name("public")))
                .noHealthCheck()
                .listener(listener)
                .listener(new EventOrder(disorder::add));
        more.accept(builder);
        return resources.add(builder.start());
    }

    private LoadBalancer start(Consumer<FrontendBuilder> frontend) {
        TestBackend backend = resources.add(TestBackend.echoing());
        return start("127.0.0.1", frontend, builder -> builder.backend("127.0.0.1", backend.port()));
    }

    private static boolean isServed(Peer client) {
        try {
            return hears(client.send("x"));
        } catch (UncheckedIOException reset) {
            return false;
        }
    }

    private static boolean hears(Peer client) {
        try {
            return client.receiveText(1).equals("x");
        } catch (UncheckedIOException reset) {
            return false;
        }
    }

    private static boolean isServed(String from, int port) {
        try (Peer client = Peer.connectFrom(from, port)) {
            return isServed(client);
        }
    }

    private void awaitCounted(LoadBalancer lb, CloseReason reason, long count) {
        await().pollInterval(Duration.ofMillis(1))
                .untilAsserted(() ->
                        assertThat(lb.frontend("public").stats().closed(reason)).isEqualTo(count));
    }

    // ---- access rules

    @Test
    void client_denied_isResetBeforeABackendIsTouched() {
        LoadBalancer lb = start(frontend -> frontend.access(
                rules -> rules.deny("127.0.0.2").allow("127.0.0.0/8").otherwiseDeny()));
        for (int i = 0; i < 20; i++) {
            try (Peer denied = Peer.connectFrom("127.0.0.2", lb.port())) {
                assertThat(denied.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            }
        }
        awaitCounted(lb, CloseReason.ACCESS_DENIED, 20);
        assertThat(lb.stats().proxy().connectAttempts()).isZero();
        assertThat(lb.stats().proxy().active()).isZero();
        assertThat(lb.stats().proxy().accepted()).isEqualTo(20);
        assertThat(lb.stats().proxy().refused()).containsEntry(CloseReason.ACCESS_DENIED, 20L);
        assertThat(isServed("127.0.0.3", lb.port())).isTrue();
        assertThat(disorder).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // nginx, ngx_stream_access_module: addresses, networks and families, allowed and denied.
        "127.0.0.1/32, 127.0.0.1, false",
        "127.0.0.0/31, 127.0.0.1, false",
        "127.0.0.0/31, 127.0.0.2, true",
        "0.0.0.0/0, 127.0.0.1, false",
        "::/0, 127.0.0.1, true",
        "::1, 127.0.0.1, true",
        "::ffff:127.0.0.0/104, 127.0.0.1, false",
        "::ffff:0:0/96, 127.0.0.9, false",
        "::1, ::1, false",
        "::/0, ::1, false",
        "0.0.0.0/0, ::1, true",
        "::ffff:0:0/96, ::1, true",
    })
    void dualStackListener_ofAnyFamily_isAskedForTheOneTheClientHas(String denied, String client, boolean served) {
        TestBackend backend = resources.add(TestBackend.echoing());
        LoadBalancer lb = start(
                "::",
                frontend -> frontend.access(rules -> rules.deny(denied)),
                b -> b.backend("127.0.0.1", backend.port()));
        assertThat(isServed(client, lb.port())).isEqualTo(served);
    }

    @Test
    void client_denied_isToldOfAsEveryOther() {
        try (LogCapture log = LogCapture.open()) {
            Queue<ConnectionAccepted> accepted = new ConcurrentLinkedQueue<>();
            Queue<ConnectionRefused> refused = new ConcurrentLinkedQueue<>();
            TestBackend backend = resources.add(TestBackend.echoing());
            LoadBalancer lb = start(
                    "127.0.0.1",
                    frontend -> frontend.access(AccessRules.Builder::otherwiseDeny),
                    builder -> builder.backend("127.0.0.1", backend.port())
                            .listener(AccessLog.haproxy(LoggerFactory.getLogger("io.lb4j.test.access")))
                            .listener(new LoadBalancerListener() {
                                @Override
                                public void connectionAccepted(ConnectionAccepted event) {
                                    accepted.add(event);
                                }

                                @Override
                                public void connectionRefused(ConnectionRefused event) {
                                    refused.add(event);
                                }
                            }));
            int port;
            try (Peer client = Peer.connectFrom("127.0.0.5", lb.port())) {
                port = client.localPort();
                assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            }
            ConnectionSummary summary = listener.awaitClosed();
            assertThat(summary.reason()).isEqualTo(CloseReason.ACCESS_DENIED);
            assertThat(summary.phase()).isEqualTo(ConnectionPhase.ARRIVING);
            assertThat(summary.endedBy()).isEqualTo(Party.BALANCER);
            assertThat(summary.terminationCode()).isEqualTo("PR");
            assertThat(summary.attempts()).isZero();
            assertThat(summary.backend()).isNull();
            assertThat(summary.clientAddress().getAddress().getHostAddress()).isEqualTo("127.0.0.5");
            assertThat(summary.clientAddress().getPort()).isEqualTo(port);
            assertThat(summary.listenAddress()).isEqualTo(lb.address());
            assertThat(accepted).singleElement().satisfies(event -> assertThat(event.id())
                    .isEqualTo(summary.id()));
            assertThat(refused).singleElement().satisfies(event -> {
                assertThat(event.id()).isEqualTo(summary.id());
                assertThat(event.reason()).isEqualTo(CloseReason.ACCESS_DENIED);
                assertThat(event.frontend()).isEqualTo("public");
                assertThat(event.clientAddress()).isEqualTo(summary.clientAddress());
            });
            assertThat(log.messages("a client was reset: the access rules deny it"))
                    .hasSize(1);
            await().untilAsserted(() -> assertThat(log.messages(" public public/<NOSRV> -1/-1/0 0 PR "))
                    .hasSize(1));
        }
    }

    @Test
    void rules_changedWhileItRuns_holdForWhoComesThen() {
        AtomicInteger told = new AtomicInteger();
        LoadBalancer lb = start(frontend -> {});
        lb.addListener(new LoadBalancerListener() {
            @Override
            public void reconfigured() {
                told.incrementAndGet();
            }
        });
        Frontend frontend = lb.frontend("public");
        try (Peer before = Peer.connectFrom("127.0.0.2", lb.port())) {
            assertThat(isServed(before)).isTrue();
            frontend.reconfigure(change -> change.access(rules -> rules.deny("127.0.0.2")));
            assertThat(isServed("127.0.0.2", lb.port())).isFalse();
            assertThat(isServed("127.0.0.3", lb.port())).isTrue();
            assertThat(isServed(before)).as("who was in already").isTrue();

            assertThatThrownBy(() -> frontend.reconfigure(
                            change -> change.access(AccessRules.allowAll()).acceptRate(0)))
                    .hasMessage("acceptRate: 0 (expected: 1..1000000)");
            assertThat(isServed("127.0.0.2", lb.port()))
                    .as("nothing has changed")
                    .isFalse();

            frontend.reconfigure(change -> change.access(AccessRules.allowAll()));
            assertThat(isServed("127.0.0.2", lb.port())).isTrue();
        }
        assertThat(frontend.config().entry().access()).isEqualTo(AccessRules.allowAll());
        await().untilAsserted(() -> assertThat(told).hasValue(2));
        lb.reconfigure(change -> change.timeouts(timeouts -> timeouts.connect(Duration.ofSeconds(9))));
        assertThat(frontend.config().timeouts().connect()).isEqualTo(Duration.ofSeconds(9));
        lb.close();
        assertThatThrownBy(() -> frontend.reconfigure(change -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("frontend public is closed");
    }

    @Test
    void timeouts_changedLater_leaveRulesAlone() {
        LoadBalancer lb = start(frontend -> {});
        lb.frontend("public").reconfigure(change -> change.access(rules -> rules.deny("127.0.0.2")));
        lb.reconfigure(change -> change.timeouts(timeouts -> timeouts.connect(Duration.ofSeconds(9))));
        assertThat(isServed("127.0.0.2", lb.port())).isFalse();
        assertThat(lb.frontend("public").config().entry().access().lines())
                .containsExactly("deny 127.0.0.2/32", "otherwise allow");
    }

    // ---- a file of rules

    @Test
    void file_changed_isReadAgain_andWhereItIsWrongTheRulesStay() throws Exception {
        Path file = folder.resolve("access.txt");
        Files.writeString(file, "deny 127.0.0.2\n");
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb = start(frontend -> frontend.accessFile(file));
            assertThat(isServed("127.0.0.2", lb.port())).isFalse();
            assertThat(isServed("127.0.0.3", lb.port())).isTrue();

            Files.writeString(file, "deny 127.0.0.3\nallow 127.1.0.0/8\n");
            await().until(() -> !log.messages("access rules of frontend public stay as they are")
                    .isEmpty());
            assertThat(log.messages("stay as they are").get(0))
                    .contains(file + ", line 2: access: 127.1.0.0/8 (expected: 127.0.0.0/8)");
            assertThat(isServed("127.0.0.2", lb.port())).isFalse();
            assertThat(isServed("127.0.0.3", lb.port())).isTrue();

            Files.writeString(file, "deny 127.0.0.3\n");
            await().until(() -> !isServed("127.0.0.3", lb.port()));
            assertThat(isServed("127.0.0.2", lb.port())).isTrue();
            assertThat(lb.frontend("public").config().entry().access().lines())
                    .containsExactly("deny 127.0.0.3/32", "otherwise allow");
            assertThat(log.messages("stay as they are")).as("said once").hasSize(1);
            assertThat(log.messages("access rules of frontend public changed: deny 127.0.0.3/32, otherwise allow"))
                    .hasSize(1);
            await().untilAsserted(() -> assertThat(log.messages("access rules of frontend public are read again"))
                    .hasSize(1));
        }
    }

    @Test
    void file_wrongAtTheStart_keepsItFromStarting() throws Exception {
        Path file = folder.resolve("access.txt");
        assertThatThrownBy(() -> start(frontend -> frontend.accessFile(file)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file + ": no such file");
        Files.writeString(file, "deny all\n");
        assertThatThrownBy(() -> start(frontend -> frontend.accessFile(file)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file + ", line 1: access: all (expected: an address");
    }

    @Test
    void file_setOrLeftWhileItRuns_isFollowedFromThenOnOrNoMore() throws Exception {
        Path file = folder.resolve("access.txt");
        LoadBalancer lb = start(frontend -> {});
        Frontend frontend = lb.frontend("public");
        assertThatThrownBy(() ->
                        frontend.reconfigure(change -> change.acceptRate(7).accessFile(file)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(file + ": no such file");
        assertThat(frontend.config().entry().acceptRate())
                .as("nothing has changed")
                .isEmpty();

        Files.writeString(file, "deny 127.0.0.2\n");
        frontend.reconfigure(change -> change.accessFile(file));
        assertThat(isServed("127.0.0.2", lb.port())).isFalse();
        Files.writeString(file, "otherwise allow\n");
        await().until(() -> isServed("127.0.0.2", lb.port()));

        frontend.reconfigure(change -> change.access(rules -> rules.deny("127.0.0.4")));
        EntryPolicy entry = frontend.config().entry();
        assertThat(entry.accessFile()).isEmpty();
        assertThat(isServed("127.0.0.4", lb.port())).isFalse();
    }

    // ---- limits of clients

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void client_withAsManyAsHeMay_isResetAndOthersAreServed(int loops) {
        TestBackend backend = resources.add(TestBackend.echoing());
        LoadBalancer lb = start(
                "127.0.0.1",
                frontend ->
                        frontend.clientLimits(limits -> limits.maxConnections(3).exempt("127.0.0.9")),
                builder -> builder.eventLoops(loops).backend("127.0.0.1", backend.port()));
        List<Peer> inside = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            inside.add(resources.add(Peer.connectFrom("127.0.0.2", lb.port())));
        }
        inside.forEach(client -> assertThat(isServed(client)).isTrue());
        for (int i = 0; i < 20; i++) {
            assertThat(isServed("127.0.0.2", lb.port())).isFalse();
            assertThat(isServed("127.0.0.3", lb.port())).isTrue();
        }
        awaitCounted(lb, CloseReason.CLIENT_LIMIT, 20);
        for (int i = 0; i < 10; i++) {
            Peer exempt = resources.add(Peer.connectFrom("127.0.0.9", lb.port()));
            assertThat(isServed(exempt)).isTrue();
        }
        inside.get(1).rst();
        await().until(() -> isServed("127.0.0.2", lb.port()));
        assertThat(disorder).isEmpty();
    }

    @Test
    void clients_onSeveralLoops_neverHaveMoreThanTheyMay() {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        TestBackend backend = resources.add(TestBackend.serving(peer -> {
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            peer.send("x");
            peer.receiveToEnd();
            // Before its own end: the place is given back later.
            open.decrementAndGet();
            peer.fin();
        }));
        LoadBalancer lb = start(
                "127.0.0.1",
                frontend -> frontend.clientLimits(limits -> limits.maxConnections(4)),
                builder -> builder.eventLoops(4).backend("127.0.0.1", backend.port()));
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(Background.supply(() -> {
                int served = 0;
                for (int round = 0; round < 60; round++) {
                    try (Peer client = Peer.connect(lb.port())) {
                        if (hears(client)) {
                            served++;
                        }
                    }
                }
                return served;
            }));
        }
        int served = 0;
        for (CompletableFuture<Integer> client : clients) {
            assertThat(client).succeedsWithin(LONG);
            served += client.join();
        }
        assertThat(most.get()).isLessThanOrEqualTo(4);
        assertThat(served).isPositive();
        await().until(() -> lb.stats().proxy().active() == 0);
        assertThat(lb.stats().proxy().closed(CloseReason.CLIENT_LIMIT)).isEqualTo(480 - served);
        List<Peer> again = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            again.add(resources.add(Peer.connect(lb.port())));
        }
        assertThat(again).allSatisfy(client -> assertThat(client.receiveText(1)).isEqualTo("x"));
    }

    /** Refused because there is no backend, failed at one that refuses, aborted, and with a listener that throws at each event. */
    @Test
    void place_howeverTheConnectionEnds_isGivenBackOnce() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        LoadBalancer lb = start(
                "127.0.0.1",
                frontend -> frontend.clientLimits(limits -> limits.maxConnections(2)),
                builder -> builder.eventLoops(2)
                        .noOutlierDetection()
                        .backend("127.0.0.1", refusing.port())
                        .listener(new LoadBalancerListener() {
                            @Override
                            public void connectionAccepted(ConnectionAccepted event) {
                                throw new IllegalStateException("as the test wants it");
                            }

                            @Override
                            public void connectionClosed(ConnectionSummary summary) {
                                throw new StackOverflowError("as the test wants it");
                            }
                        }));
        String refusingId = lb.backends().list().get(0).backend().id();
        for (int i = 0; i < 50; i++) {
            try (Peer client = Peer.connect(lb.port())) {
                assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            }
        }
        await().until(() -> lb.stats().proxy().active() == 0);
        assertThat(lb.stats().proxy().closed(CloseReason.CLIENT_LIMIT)).isZero();

        lb.backends().disable(refusingId);
        for (int i = 0; i < 50; i++) {
            try (Peer client = Peer.connect(lb.port())) {
                assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            }
        }
        await().until(() -> lb.stats().proxy().active() == 0);
        assertThat(lb.stats().proxy().closed(CloseReason.CLIENT_LIMIT)).isZero();

        TestBackend echo = resources.add(TestBackend.echoing());
        lb.backends().add(Backend.of("127.0.0.1", echo.port()));
        Peer first = resources.add(Peer.connect(lb.port()));
        Peer second = resources.add(Peer.connect(lb.port()));
        assertThat(isServed(first) && isServed(second)).isTrue();
        assertThat(isServed("127.0.0.1", lb.port())).isFalse();
        first.rst();
        await().until(() -> lb.stats().proxy().active() == 1);
        Peer third = resources.add(Peer.connect(lb.port()));
        assertThat(isServed(third)).isTrue();
        assertThat(isServed("127.0.0.1", lb.port())).isFalse();
    }

    @Test
    void client_moreOftenThanHeMay_isResetUntilItIsTime() {
        LoadBalancer lb = start(frontend -> frontend.clientLimits(
                limits -> limits.connectRate(3, Duration.ofHours(3)).maxConnections(100)));
        for (int i = 0; i < 3; i++) {
            assertThat(isServed("127.0.0.2", lb.port())).isTrue();
        }
        for (int i = 0; i < 5; i++) {
            assertThat(isServed("127.0.0.2", lb.port())).isFalse();
        }
        assertThat(isServed("127.0.0.3", lb.port())).isTrue();
        awaitCounted(lb, CloseReason.CLIENT_RATE, 5);
        assertThat(listener.closed())
                .filteredOn(summary -> summary.reason() == CloseReason.CLIENT_RATE)
                .extracting(ConnectionSummary::terminationCode)
                .containsOnly("PR");
        lb.frontend("public")
                .reconfigure(change -> change.clientLimits(limits -> limits.connectRate(100, Duration.ofMillis(1))));
        await().until(() -> isServed("127.0.0.2", lb.port()));
        assertThat(lb.frontend("public")
                        .config()
                        .entry()
                        .clientLimits()
                        .orElseThrow()
                        .maxConnections())
                .as("what was not set anew")
                .hasValue(100);
        lb.frontend("public").reconfigure(change -> change.noClientLimits());
        assertThat(isServed("127.0.0.2", lb.port())).isTrue();
    }

    @Test
    void limits_setWhileItRuns_countWhoComesThen() {
        LoadBalancer lb = start(frontend -> {});
        Peer before = resources.add(Peer.connectFrom("127.0.0.2", lb.port()));
        assertThat(isServed(before)).isTrue();
        lb.frontend("public").reconfigure(change -> change.clientLimits(limits -> limits.maxConnections(1)));
        Peer counted = resources.add(Peer.connectFrom("127.0.0.2", lb.port()));
        assertThat(isServed(counted)).isTrue();
        assertThat(isServed("127.0.0.2", lb.port())).isFalse();
        before.rst();
        await().until(() -> lb.stats().proxy().active() == 1);
        assertThat(isServed("127.0.0.2", lb.port()))
                .as("he who ended was not counted")
                .isFalse();
        lb.frontend("public").reconfigure(change -> change.noClientLimits());
        lb.frontend("public").reconfigure(change -> change.clientLimits(limits -> limits.maxConnections(1)));
        assertThat(isServed("127.0.0.2", lb.port()))
                .as("he who was counted still is")
                .isFalse();
        counted.rst();
        await().until(() -> isServed("127.0.0.2", lb.port()));
    }

    @Test
    void frontends_eachOfThem_countTheirOwn() {
        TestBackend backend = resources.add(TestBackend.echoing());
        LoadBalancer lb = start(
                "127.0.0.1",
                frontend -> frontend.clientLimits(limits -> limits.maxConnections(1)),
                builder -> builder.backend("127.0.0.1", backend.port())
                        .listen("127.0.0.1", 0, other -> other.name("other")
                                .clientLimits(limits -> limits.maxConnections(1))));
        Peer one = resources.add(Peer.connect(lb.frontend("public").port()));
        Peer two = resources.add(Peer.connect(lb.frontend("other").port()));
        assertThat(isServed(one) && isServed(two)).isTrue();
        assertThat(isServed("127.0.0.1", lb.frontend("other").port())).isFalse();
        assertThat(lb.frontend("other").stats().closed(CloseReason.CLIENT_LIMIT))
                .isEqualTo(1);
        assertThat(lb.frontend("public").stats().closed(CloseReason.CLIENT_LIMIT))
                .isZero();
    }

    // ---- seen

    @Test
    void turnedAway_byReason_isInMetersMetricsAndStatus() throws Exception {
        LoadBalancer lb = start(frontend -> frontend.access(rules -> rules.deny("127.0.0.2"))
                .clientLimits(limits -> limits.connectRate(1, Duration.ofHours(1))));
        MeterRegistry registry = new SimpleMeterRegistry();
        new LoadBalancerMetrics(lb).bindTo(registry);
        AdminServer admin = resources.add(AdminServer.builder(lb).start());
        assertThat(isServed("127.0.0.2", lb.port())).isFalse();
        assertThat(isServed("127.0.0.3", lb.port())).isTrue();
        assertThat(isServed("127.0.0.3", lb.port())).isFalse();

        assertThat(registry.get("lb4j.frontend.connections.closed")
                        .tag("reason", "ACCESS_DENIED")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(get(admin, "/metrics"))
                .containsPattern("lb4j_frontend_connections_closed_total\\{.*reason=\"ACCESS_DENIED\".*} 1\n")
                .containsPattern("lb4j_frontend_connections_closed_total\\{.*reason=\"CLIENT_RATE\".*} 1\n");
        assertThat(get(admin, "/status")).contains("\"ACCESS_DENIED\":1", "\"CLIENT_RATE\":1");
    }

    private static String get(AdminServer admin, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + admin.port() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    // ---- the rate of all

    @Test
    void clients_tooManyAtATime_waitAndAreAllServed() {
        Queue<AcceptPaused.Cause> paused = new ConcurrentLinkedQueue<>();
        TestBackend backend = resources.add(TestBackend.saying("x"));
        LoadBalancer lb = start("127.0.0.1", frontend -> frontend.acceptRate(50), builder -> builder.eventLoops(2)
                .backend("127.0.0.1", backend.port())
                .listener(new LoadBalancerListener() {
                    @Override
                    public void acceptPaused(AcceptPaused event) {
                        paused.add(event.cause());
                    }
                }));
        long began = System.nanoTime();
        List<CompletableFuture<Peer.End>> clients = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            clients.add(Background.supply(() -> {
                try (Peer client = Peer.connect(lb.port())) {
                    return client.receiveToEnd().end();
                }
            }));
        }
        assertThat(clients)
                .allSatisfy(client -> assertThat(client).succeedsWithin(LONG).isEqualTo(Peer.End.EOF));
        // Five at once, then one each 20 ms: it cannot have been faster, however slow this machine is.
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(20 * 20 - 1));
        assertThat(paused).containsOnly(AcceptPaused.Cause.RATE);
        assertThat(lb.frontend("public").stats().acceptPauses()).isPositive();
        assertThat(lb.stats().proxy().refusedTotal()).isZero();
    }

    @Test
    void rate_raisedWhileClientsWait_letsThemInAtOnce() {
        TestBackend backend = resources.add(TestBackend.saying("x"));
        LoadBalancer lb = start(
                "127.0.0.1",
                frontend -> frontend.acceptRate(1),
                builder -> builder.backend("127.0.0.1", backend.port()));
        try (Peer first = Peer.connect(lb.port())) {
            assertThat(first.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
        }
        List<Peer> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(resources.add(Peer.connect(lb.port())));
        }
        await().until(() -> lb.frontend("public").stats().acceptPauses() > 0);
        lb.frontend("public").reconfigure(change -> change.noAcceptRate());
        // At one a second they would take as long as a test may.
        assertThat(waiting)
                .allSatisfy(client -> assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.EOF));
        assertThat(lb.frontend("public").config().entry().acceptRate()).isEmpty();
    }
}
