package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.NoneHealthy;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.FrontendConfig;
import io.lb4j.proxy.PortRange;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Several frontends and several pools in one balancer: who gets where, and who hears of what. */
class FrontendsAndPoolsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final Queue<ConnectionSummary> closed = new ConcurrentLinkedQueue<>();

    private TestBackend named(String name) {
        return resources.add(TestBackend.serving(peer -> answer(peer, name)));
    }

    private static void answer(Peer peer, String name) {
        try {
            while (peer.socket().getInputStream().read() >= 0) {
                peer.send(name);
            }
        } catch (IOException | UncheckedIOException reset) {
            // As the test wants it.
        }
    }

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .eventLoops(2)
                .timeouts(timeouts -> timeouts.connect(Duration.ofSeconds(5)))
                .listener(new LoadBalancerListener() {
                    @Override
                    public void connectionClosed(ConnectionSummary summary) {
                        closed.add(summary);
                    }
                });
    }

    private static Consumer<PoolBuilder> of(TestBackend backend) {
        return pool -> pool.backend("127.0.0.1", backend.port()).noHealthCheck();
    }

    private static String ask(Frontend frontend) {
        try (Peer client = Peer.connect(frontend.port())) {
            return ask(client);
        }
    }

    private static String ask(Peer client) {
        client.send("?");
        return client.receiveText(1);
    }

    private static boolean isRefused(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }

    @Test
    void frontends_leadEachToItsPool() {
        TestBackend d = named("d");
        TestBackend a = named("a");
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0)
                .listen("127.0.0.1", 0, frontend -> frontend.name("api").pool("api"))
                .backend("127.0.0.1", d.port())
                .pool("api", of(a))
                .start());
        Frontend api = lb.frontend("api");
        for (int i = 0; i < 20; i++) {
            assertThat(ask(lb.frontends().get(0))).isEqualTo("d");
            assertThat(ask(api)).isEqualTo("a");
        }
        await().until(() -> closed.size() == 40);
        assertThat(closed)
                .filteredOn(summary -> summary.frontend().equals("api"))
                .hasSize(20)
                .allSatisfy(summary -> {
                    Backend backend = summary.backend();
                    assertThat(backend).isNotNull();
                    assertThat(backend.pool()).isEqualTo("api");
                    assertThat(backend.id()).isEqualTo("api/127.0.0.1:" + a.port());
                });
        assertThat(api.stats().accepted()).isEqualTo(20);
        assertThat(lb.stats().frontends().get("api").accepted()).isEqualTo(20);
        assertThat(lb.stats()
                        .pools()
                        .get("api")
                        .backends()
                        .get("api/127.0.0.1:" + a.port())
                        .attempts())
                .isEqualTo(20);
        assertThat(api.config().destination()).isEqualTo("pool api");
    }

    @Test
    void frontend_withAFunction_leadsWhereItSays() {
        TestBackend a = named("a");
        TestBackend b = named("b");
        AtomicBoolean toB = new AtomicBoolean();
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("f").route(connection -> toB.get() ? "b" : "a"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("none").route(connection -> null))
                .listen("127.0.0.1", 0, frontend -> frontend.name("wrong").route(connection -> "nowhere"))
                .pool("a", of(a))
                .pool("b", of(b))
                .start());
        assertThat(ask(lb.frontend("f"))).isEqualTo("a");
        toB.set(true);
        assertThat(ask(lb.frontend("f"))).isEqualTo("b");
        for (String name : List.of("none", "wrong")) {
            Peer refused = resources.add(Peer.connect(lb.frontend(name).port()));
            assertThat(refused.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        }
        await().until(() -> closed.size() == 4);
        assertThat(closed).extracting(ConnectionSummary::reason).contains(CloseReason.NO_ROUTE, CloseReason.NO_BACKEND);
        assertThat(lb.stats().proxy().guestFailures()).isEqualTo(1);
        assertThat(lb.frontend("f").config().destination()).isEqualTo("by function");
    }

    @Test
    void functionThatLeadsToAFullPool_hasClientsWaitThere() {
        TestBackend one = named("1");
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("f").route(connection -> "a"))
                .pool("a", pool -> pool.backend(
                                Backend.of("127.0.0.1", one.port()).withMaxConnections(1))
                        .noHealthCheck())
                .start());
        Peer first = resources.add(Peer.connect(lb.port()));
        assertThat(ask(first)).isEqualTo("1");
        Peer second = resources.add(Peer.connect(lb.port()));
        await().until(() -> lb.pool("a").stats().queue().waiting() == 1);
        first.close();
        assertThat(ask(second)).isEqualTo("1");
    }

    @Test
    void poolWhoseBackendsAreAllKilled_underLoad_clientsOfTheOtherHearNothing() throws Exception {
        TestBackend a = named("a");
        TestBackend b = named("b");
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("a").pool("a"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("b").pool("b"))
                .pool("a", pool -> pool.backend("127.0.0.1", a.port())
                        .healthCheck(
                                check -> check.interval(Duration.ofMillis(100)).unhealthyAfter(1)))
                .pool("b", of(b))
                .start());
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(askInBackground(over, lb.frontend("b")));
        }
        Peer kept = resources.add(Peer.connect(lb.frontend("b").port()));
        assertThat(ask(lb.frontend("a"))).isEqualTo("a");
        a.close();
        await().until(() -> lb.pool("a").backends().list().get(0).status() == BackendStatus.DOWN);
        long before = lb.frontend("b").stats().accepted();
        await().until(() -> lb.frontend("b").stats().accepted() >= before + 100);
        assertThat(ask(kept)).isEqualTo("b");
        over.set(true);
        for (CompletableFuture<Integer> client : clients) {
            assertThat(client.get()).isPositive();
        }
        assertThat(closed)
                .filteredOn(summary -> summary.frontend().equals("b"))
                .allMatch(summary -> summary.reason() == CloseReason.COMPLETED);
    }

    /** On a thread of its own: the common ones are few. */
    private static CompletableFuture<Integer> askInBackground(AtomicBoolean over, Frontend frontend) {
        return CompletableFuture.supplyAsync(() -> askUntil(over, frontend), task -> new Thread(task).start());
    }

    private static int askUntil(AtomicBoolean over, Frontend frontend) {
        int answers = 0;
        do {
            assertThat(ask(frontend)).isEqualTo("b");
            answers++;
        } while (!over.get());
        return answers;
    }

    @Test
    void frontend_drainedAndRemoved_underLoad_theOtherHasNoError() throws Exception {
        TestBackend a = named("a");
        TestBackend b = named("b");
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("a").pool("a"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("b").pool("b"))
                .pool("a", of(a))
                .pool("b", of(b))
                .start());
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> clients = askInBackground(over, lb.frontend("b"));
        for (int i = 0; i < 5; i++) {
            int port = lb.frontend("a").port();
            Peer stays = resources.add(Peer.connect(port));
            assertThat(ask(stays)).isEqualTo("a");
            CompletableFuture<DrainResult> drained = lb.frontend("a").drain(Duration.ofMinutes(1));
            assertThat(isRefused(port)).isTrue();
            assertThat(ask(stays)).isEqualTo("a");
            stays.close();
            assertThat(drained).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(new DrainResult(1, 0));
            lb.listen("127.0.0.1", PortRange.of(port), frontend -> frontend.name("a")
                    .pool("a"));
        }
        over.set(true);
        assertThat(clients.get()).isPositive();
        await().until(() -> lb.stats().proxy().active() == 0);
        assertThat(closed)
                .filteredOn(summary -> summary.reason() != CloseReason.COMPLETED)
                .isEmpty();
        assertThat(lb.stats().proxy().accepted()).isEqualTo(closed.size());
    }

    @Test
    void stopListening_closesThePortsOfThosePoolsThatHaveNobody() {
        TestBackend a = named("a");
        TestBackend b = named("b");
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("a").pool("a"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("b").pool("b"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("f").route(connection -> "b"))
                .pool("a", of(a))
                .pool("b", of(b))
                .start());
        for (Pool pool : lb.pools()) {
            pool.reconfigure(change -> change.whenNoneHealthy(NoneHealthy.STOP_LISTENING));
        }
        lb.pool("a").backends().disable("a/127.0.0.1:" + a.port());
        await().until(() ->
                !lb.frontend("a").isListening() && isRefused(lb.frontend("a").port()));
        assertThat(ask(lb.frontend("b"))).isEqualTo("b");
        assertThat(ask(lb.frontend("f"))).isEqualTo("b");
        assertThat(lb.isListening()).isFalse();
        lb.pool("b").backends().disable("b/127.0.0.1:" + b.port());
        await().until(() -> !lb.frontend("f").isListening());
        lb.pool("a").backends().enable("a/127.0.0.1:" + a.port());
        await().until(() -> lb.frontend("a").isListening() && lb.frontend("f").isListening());
        assertThat(lb.frontend("b").isListening()).isFalse();
        assertThat(ask(lb.frontend("a"))).isEqualTo("a");
    }

    @Test
    void frontendClosedForTheTimeBeing_byItsUser_staysSo_whateverThePoolsSay() {
        TestBackend a = named("a");
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("a"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("b"))
                .backend("127.0.0.1", a.port())
                .whenNoneHealthy(NoneHealthy.STOP_LISTENING)
                .start());
        Frontend b = lb.frontend("b");
        b.listening(false);
        await().until(() -> !b.isListening());
        lb.backends().disable("127.0.0.1:" + a.port());
        await().until(() -> !lb.frontend("a").isListening());
        lb.backends().enable("127.0.0.1:" + a.port());
        await().until(lb.frontend("a")::isListening);
        assertThat(b.isListening()).isFalse();
        b.listening(true);
        await().until(b::isListening);
        assertThat(ask(b)).isEqualTo("a");
    }

    @Test
    void frontendsAndPools_comeAndGoWhileItRuns() {
        TestBackend a = named("a");
        TestBackend b = named("b");
        LoadBalancer lb = resources.add(
                builder().listen("127.0.0.1", 0).backend("127.0.0.1", a.port()).start());
        assertThatThrownBy(() -> lb.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.name("x")
                        .pool("b")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("frontend x: pool b (expected: one of [default])");
        Pool pool = lb.pool("b", of(b));
        Frontend second = lb.listen(
                "127.0.0.1", PortRange.of(0), frontend -> frontend.name("x").pool("b"));
        assertThat(ask(second)).isEqualTo("b");
        assertThat(lb.config().proxy().frontends())
                .extracting(FrontendConfig::name)
                .contains("x");
        assertThatThrownBy(pool::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pool b: frontend x leads to it (expected: a pool that no frontend leads to)");
        assertThat(lb.pools()).hasSize(2);
        second.close();
        pool.close();
        assertThat(lb.pools()).extracting(Pool::name).containsExactly("default");
        assertThat(ask(lb.frontends().get(0))).isEqualTo("a");
        assertThatThrownBy(() -> lb.pool("b")).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> lb.pool("default").close()).isInstanceOf(IllegalStateException.class);
        lb.close();
        assertThatThrownBy(() -> lb.listen("127.0.0.1", PortRange.of(0), frontend -> {}))
                .isInstanceOf(IllegalStateException.class);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong("frontend 127.0.0.1:any: pool api (expected: one of [db])", builder -> builder.listen(
                                "127.0.0.1", 0, frontend -> frontend.pool("api"))
                        .pool("db", pool -> pool.backend("10.0.0.1", 1))),
                wrong(
                        "pool db: no frontend leads to it (expected: a frontend with pool(\"db\") or a route)",
                        builder -> builder.listen("127.0.0.1", 0)
                                .backend("10.0.0.1", 1)
                                .pool("db", pool -> pool.backend("10.0.0.2", 1))),
                wrong(
                        "pool default: no frontend leads to it (expected: a frontend with pool(\"default\") or a route)",
                        builder -> builder.listen("127.0.0.1", 0, frontend -> frontend.pool("db"))
                                .backend("10.0.0.1", 1)
                                .pool("db", pool -> pool.backend("10.0.0.2", 1))),
                wrong(
                        "frontend 127.0.0.1:any: pool default (expected: one of [db])",
                        builder -> builder.listen("127.0.0.1", 0).pool("db", pool -> pool.backend("10.0.0.2", 1))),
                wrong("backend: none (expected: at least one, or a discovery)", builder -> {}),
                wrong(
                        "listen: 127.0.0.1:8080 (expected: a place where no other frontend listens",
                        builder -> builder.listen("127.0.0.1", 8080).listen("127.0.0.1", 8080)),
                wrong(
                        "listen ports: 5-4 (expected: ",
                        builder -> builder.listen("127.0.0.1", PortRange.of(5, 4), frontend -> {})),
                wrong("backend id: x (expected: one that no backend of this balancer has", builder -> builder.backend(
                                Backend.of("10.0.0.1", 1).withId("x"))
                        .pool(
                                "db",
                                pool -> pool.backend(Backend.of("10.0.0.2", 1).withId("x")))
                        .listen("127.0.0.1", 0)
                        .listen("127.0.0.1", 0, frontend -> frontend.name("db").pool("db"))));
    }

    private static Arguments wrong(String message, Consumer<LoadBalancerBuilder> settings) {
        return Arguments.of(message, settings);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void settings_thatDoNotGoTogether_areRefused(String message, Consumer<LoadBalancerBuilder> settings) {
        assertThatThrownBy(() -> {
                    LoadBalancerBuilder builder = LoadBalancer.builder();
                    settings.accept(builder);
                    builder.start().close();
                })
                .isInstanceOfAny(IllegalStateException.class, IllegalArgumentException.class)
                .hasMessageStartingWith(message);
        assertThat(LeakCheck.balancerThreads())
                .filteredOn(name -> !name.equals("lb-watch"))
                .isEmpty();
    }

    @Test
    void backend_thatIsAListenerOfAnyFrontend_isRefused() {
        TestBackend a = named("a");
        LoadBalancer lb = resources.add(builder()
                .listen("127.0.0.1", 0)
                .listen("127.0.0.1", 0, frontend -> frontend.name("second"))
                .backend("127.0.0.1", a.port())
                .start());
        int port = lb.frontend("second").port();
        assertThatThrownBy(() -> lb.backends().add(Backend.of("127.0.0.1", port)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is the balancer's own listener 127.0.0.1:" + port);
    }

    @Test
    void hundredFrontendsOnTwoPools_haveTheThreadsOfOne() {
        TestBackend a = named("a");
        LoadBalancer one = resources.add(builder()
                .name("one")
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", a.port())
                .start());
        assertThat(ask(one.frontends().get(0))).isEqualTo("a");
        LoadBalancerBuilder builder = builder().name("all");
        for (int i = 0; i < 100; i++) {
            String name = "f" + i;
            String pool = "p" + i % 2;
            builder.listen("127.0.0.1", 0, frontend -> frontend.name(name).pool(pool));
        }
        LoadBalancer all = resources.add(builder.pool("p0", pool -> pool.backend("127.0.0.1", a.port()))
                .pool("p1", pool -> pool.backend("127.0.0.1", a.port()))
                .start());
        for (Frontend frontend : all.frontends()) {
            assertThat(ask(frontend)).isEqualTo("a");
        }
        await().untilAsserted(() -> assertThat(threads("lb-all-")).isEqualTo(threads("lb-one-")));
    }

    private static List<String> threads(String prefix) {
        return LeakCheck.balancerThreads().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }
}
