package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Platform;
import io.lb4j.selection.BackendSelector;
import io.lb4j.stats.PoolStats;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several pools of one balancer, through real sockets. */
class PoolsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Backend ONE = Backend.of("127.0.0.1", 1);
    private static final Backend TWO = Backend.of("127.0.0.1", 2);

    @RegisterExtension
    final Resources resources = new Resources();

    // ---- what there is

    @Test
    void twoPools_haveTheirOwnBackendsSettingsAndCounters() {
        TestBackend echoing = resources.add(TestBackend.echoing());
        LoadBalancer lb =
                start(builderFor("api").backend("127.0.0.1", echoing.port()).pool("api", pool -> pool.backend(ONE)
                        .backend(TWO.withId("two"))
                        .noHealthCheck()
                        .selector(BackendSelector.leastConnections())));
        assertThat(lb.pools()).extracting(Pool::name).containsExactly("default", "api");
        assertThat(lb.pool("default").backends()).isSameAs(lb.backends());
        Pool api = lb.pool("api");
        assertThat(backends(api))
                .extracting(Backend::id, Backend::pool, Backend::toString)
                .containsExactly(
                        tuple("api/127.0.0.1:1", "api", "api/127.0.0.1:1"), tuple("two", "api", "two (127.0.0.1:2)"));
        assertThat(api.config().selector()).hasToString("leastConnections");
        assertThat(lb.config().defaultPool().selector()).hasToString("roundRobin");
        assertThat(lb.config().pools().get("api")).isEqualTo(api.config());
        assertThat(lb.poolOf("two")).isSameAs(api);
        assertThat(api).hasToString("Pool api, 2 backends");
        assertThat(lb.toString()).endsWith(", 3 backends");

        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("a").receiveText(1)).isEqualTo("a");
        String id = "127.0.0.1:" + echoing.port();
        assertThat(lb.stats().pools().get("default").backends().get(id).active())
                .isEqualTo(1);
        assertThat(lb.stats().backends()).containsOnlyKeys(id, "api/127.0.0.1:1", "two");
        assertThat(api.stats().backends()).containsOnlyKeys("api/127.0.0.1:1", "two");
        assertThat(api.stats()).isEqualTo(lb.stats().pools().get("api"));
    }

    @Test
    void poolOfAnotherName_isRefusedWithThoseThereAre() {
        LoadBalancer lb = start(builderFor("api").backend(ONE).pool("api", PoolsTest::two));
        assertThatThrownBy(() -> lb.pool("web"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("pool web: there is none (expected: one of [default, api])");
        assertThatThrownBy(() -> lb.poolOf("nobody"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("backend id: nobody (expected: one of [127.0.0.1:1, api/127.0.0.1:2])");
    }

    @Test
    void onlyPool_isWhereConnectionsGo_andThereIsNoDefault() {
        TestBackend echoing = resources.add(TestBackend.echoing());
        LoadBalancer lb = start(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.pool("api"))
                .pool("api", pool -> pool.backend("127.0.0.1", echoing.port()).noHealthCheck()));
        assertThat(resources.add(Peer.connect(lb.port())).send("a").receiveText(1))
                .isEqualTo("a");
        assertThatThrownBy(lb::backends)
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("pool default: there is none (expected: one of [api])");
        assertThatThrownBy(() -> lb.config().defaultPool()).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> lb.reconfigure(change -> change.selector(BackendSelector.random())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pool default: there is none (expected: reconfigure of one of the pools there are)");
        lb.reconfigure(change -> change.limits(limits -> limits.connections(7)));
        assertThat(lb.config().proxy().limits().connections()).contains(7);
        assertThat(lb.pool("api").config().selector()).hasToString("roundRobin");
    }

    @Test
    void reconfigure_ofOnePool_leavesTheOthers() {
        AtomicInteger told = new AtomicInteger();
        LoadBalancer lb = start(builderFor("api").backend(ONE).pool("api", PoolsTest::two));
        lb.addListener(new LoadBalancerListener() {
            @Override
            public void reconfigured() {
                told.incrementAndGet();
            }
        });
        lb.pool("api").reconfigure(change -> change.noQueue().selector(BackendSelector.random()));
        assertThat(lb.config().pools().get("api").queue()).isEmpty();
        assertThat(lb.config().defaultPool().queue()).isPresent();
        assertThatThrownBy(() -> lb.pool("api").reconfigure(change -> change.selector(BackendSelector.first())
                        .minimumHealthy(0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(lb.pool("api").config().selector()).hasToString("random");
        await().until(() -> told.get() == 1);
    }

    // ---- what is refused on its line

    @Test
    void builder_refusesPoolsThatCannotBe() {
        assertThatThrownBy(() -> builder().start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("backend: none (expected: at least one, or a discovery)");
        assertThatThrownBy(() -> builder().pool("default", PoolsTest::two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pool: default (expected: another name; that pool is set up on the balancer's builder"
                        + " itself)");
        assertThatThrownBy(() -> builder().pool("a b", PoolsTest::two)).hasMessageStartingWith("pool: \"a b\"");
        assertThatThrownBy(() -> builder().pool("a", PoolsTest::two).pool("a", PoolsTest::two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pool: a (expected: one not added before)");
        assertThatThrownBy(() -> builder().pool("a", pool -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pool a: no backend (expected: at least one, or a discovery)");
        assertThatThrownBy(() -> builder().pool("a", pool -> pool.backend(ONE).eachBackend(backend -> {
                    throw new IllegalStateException("not this");
                })))
                .isInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("not this");
    }

    @Test
    void ids_thatTwoPoolsHave_areRefusedWithBothNames() {
        assertThatThrownBy(() -> builder()
                        .pool("a", pool -> pool.backend(ONE.withId("x")))
                        .pool("b", pool -> pool.backend(TWO.withId("x"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id: x (expected: one that no backend of this balancer has; pool a has it)");
        assertThatThrownBy(() -> builderFor("a")
                        .pool("a", pool -> pool.backend(ONE.withId("x")))
                        .backend(TWO.withId("x"))
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id: x (expected: one that no backend of this balancer has; pool default has it)");
        assertThat(LeakCheck.balancerThreads()).isEmpty();
        LoadBalancer lb = start(builderFor("a").backend(ONE.withId("x")).pool("a", PoolsTest::two));
        String taken = "backend id: x (expected: one that no backend of this balancer has; pool default has it)";
        Pool a = lb.pool("a");
        assertThatThrownBy(() -> a.backends().add(TWO.withId("x"))).hasMessage(taken);
        assertThatThrownBy(() -> a.backends().replaceAll(List.of(ONE, TWO.withId("x"))))
                .hasMessage(taken);
        assertThat(ids(a)).containsExactly("a/127.0.0.1:2");
        assertThatThrownBy(() -> lb.pool("b", pool -> pool.backend(ONE).backend(ONE.withId("x"))))
                .hasMessage(taken);
        assertThat(lb.pools()).hasSize(2);
        // What the refused ones had claimed is free.
        lb.backends().add(ONE.withId("a/127.0.0.1:1"));
        lb.backends().add(ONE.withId("b/127.0.0.1:1"));
    }

    @Test
    void id_ofOneThatLeaves_isFreeWhenItIsGone() {
        TestBackend echoing = resources.add(TestBackend.echoing());
        LoadBalancer lb = start(builderFor("a")
                .backend(Backend.of("127.0.0.1", echoing.port()).withId("x"))
                .pool("a", PoolsTest::two));
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("a").receiveText(1)).isEqualTo("a");
        lb.backends().remove("x");
        assertThat(lb.backends().get("x").status()).isEqualTo(BackendStatus.LEAVING);
        assertThatThrownBy(() -> lb.pool("a").backends().add(ONE.withId("x")))
                .hasMessageContaining("pool default has it");
        // Another one comes under its id: both ids are the default pool's.
        lb.backends().add(ONE.withId("x"));
        String former = "x@127.0.0.1:" + echoing.port();
        assertThat(ids(lb.pool("default"))).containsExactly(former, "x");
        assertThatThrownBy(() -> lb.pool("a").backends().add(TWO.withId(former)))
                .hasMessageContaining("pool default has it");
        client.fin().receiveToEnd();
        await().until(() -> ids(lb.pool("default")).equals(List.of("x")));
        lb.backends().remove("x");
        lb.pool("a").backends().add(ONE.withId("x"));
        lb.pool("a").backends().add(ONE.withId(former));
        assertThat(ids(lb.pool("a"))).containsExactly("a/127.0.0.1:2", "x", former);
    }

    @Test
    void id_ofAnotherPool_isLeftOutOfWhatIsDiscovered_andTakenWhenItIsFree() {
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(ONE.withId("x"), TWO));
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb =
                    start(builder().name("orders").backend(ONE.withId("x")).backend(TWO));
            Pool found = lb.pool("found", pool -> pool.noHealthCheck()
                    .discovery(answer::get, policy -> policy.interval(Duration.ofMillis(20))
                            .vanishedAfter(Duration.ZERO)));
            await().until(() -> ids(found).equals(List.of("found/127.0.0.1:2")));
            await().until(() -> !log.messages("left out").isEmpty());
            assertThat(log.messages("left out").get(0))
                    .startsWith("orders: pool found: discovery ")
                    .endsWith(": 1 of 2 backends left out (the first: backend id: x (expected: one that no backend of"
                            + " this balancer has; pool default has it))");
            lb.backends().remove("x");
            await().until(() -> ids(found).equals(List.of("x", "found/127.0.0.1:2")));
            assertThat(log.messages("left out")).hasSize(1);
        }
    }

    // ---- while it runs

    @Test
    void poolAdded_whileItRuns_isCheckedAndTold() {
        TestBackend up = resources.add(TestBackend.listening());
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb = start(builder().name("orders").backend(ONE));
            lb.addListener(new LoadBalancerListener() {
                @Override
                public void backendAdded(Backend backend) {
                    told.add(backend.pool() + " " + backend.id());
                }

                @Override
                public void backendRemoved(Backend backend) {
                    told.add("not " + backend.id());
                }
            });
            Pool api = lb.pool("api", pool -> pool.backend("127.0.0.1", up.port())
                    .backend(Backend.of("127.0.0.1", 1).withId("down"))
                    .healthCheck(check -> check.unhealthyAfter(1)));
            await().until(() -> api.backends().get("down").status() == BackendStatus.DOWN);
            BackendState state = api.backends().get("api/127.0.0.1:" + up.port());
            await().until(() ->
                    api.backends().get(state.backend().id()).lastCheck().isPresent());
            assertThat(state.status()).isEqualTo(BackendStatus.UP);
            assertThat(lb.pools()).containsExactly(lb.pool("default"), api);
            await().until(() -> told.equals(List.of("api api/127.0.0.1:" + up.port(), "api down")));
            await().until(() -> !log.messages("orders: pool api: backend down (127.0.0.1:1) DOWN")
                    .isEmpty());
            assertThat(log.messages("orders: pool api: backend down").get(0)).endsWith(", 1 of 2 up");
            assertThatThrownBy(() -> lb.pool("api", PoolsTest::two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("pool: api (expected: a name that no pool of this balancer has)");
            assertThatThrownBy(() -> lb.pool("own", pool -> pool.backend("127.0.0.1", lb.port())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is the balancer's own listener");

            told.clear();
            api.close();
            api.close();
            await().until(() -> told.equals(List.of("not api/127.0.0.1:" + up.port(), "not down")));
            await().until(() -> log.messages("orders: pool api removed").size() == 1);
            assertThat(lb.pools()).containsExactly(lb.pool("default"));
            assertThat(lb.config().pools()).containsOnlyKeys("default");
            assertThat(api.backends().list()).isEmpty();
            assertThat(api.stats())
                    .isEqualTo(new PoolStats(Map.of(), api.stats().queue()));
            assertThatThrownBy(() -> api.backends().add(TWO))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("pool api of orders is closed");
            assertThatThrownBy(() -> api.reconfigure(change -> change.noQueue()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("pool api of orders is closed");
            // Its name and its ids are free.
            assertThat(ids(lb.pool("api", pool -> pool.backend(ONE.withId("down")))))
                    .containsExactly("down");
        }
    }

    @Test
    void checksAndQuestions_endWithTheirPool() {
        AtomicInteger checks = new AtomicInteger();
        AtomicInteger questions = new AtomicInteger();
        LoadBalancer lb = start(builder().backend(ONE));
        Pool api = lb.pool("api", pool -> pool.healthCheck(check ->
                        check.interval(Duration.ofMillis(10)).checker((backend, timeout) -> checks.incrementAndGet()))
                .backend(ONE)
                .discovery(
                        () -> {
                            questions.incrementAndGet();
                            return List.of(ONE);
                        },
                        policy -> policy.interval(Duration.ofMillis(10))));
        await().until(() -> checks.get() > 3 && questions.get() > 3);
        api.close();
        // One of each may be under way.
        int checked = checks.get() + 1;
        int asked = questions.get() + 1;
        Pool next =
                lb.pool("next", pool -> pool.backend(ONE).healthCheck(check -> check.interval(Duration.ofMillis(10))));
        await().until(() -> next.stats().backends().get("next/127.0.0.1:1").checksFailed() > 20
                || next.stats().backends().get("next/127.0.0.1:1").checksPassed() > 20
                || next.backends().get("next/127.0.0.1:1").failedChecks() > 1);
        assertThat(checks.get()).isLessThanOrEqualTo(checked);
        assertThat(questions.get()).isLessThanOrEqualTo(asked);
    }

    /** What the balancer has look after a pool ends with it: pools come and go for as long as it runs. */
    @Test
    void poolThatIsClosed_isForgotten() {
        LoadBalancer lb = start(builder().backend(ONE));
        WeakReference<Pool> gone = new WeakReference<>(comeAndGo(lb));
        await().atMost(SOON).until(() -> {
            System.gc();
            return gone.get() == null;
        });
    }

    private static Pool comeAndGo(LoadBalancer lb) {
        Pool pool = lb.pool("api", setup -> setup.backend(ONE)
                .healthCheck(check -> check.interval(Duration.ofMillis(10)).checker((backend, timeout) -> {}))
                .discovery(() -> List.of(ONE, TWO), policy -> policy.interval(Duration.ofMillis(10))));
        await().until(() -> pool.backends().list().size() == 2);
        pool.close();
        return pool;
    }

    @Test
    void poolWhereConnectionsGo_cannotBeClosed() {
        LoadBalancer lb = start(builderFor("api").backend(ONE).pool("api", PoolsTest::two));
        assertThatThrownBy(() -> lb.pool("default").close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "pool default: frontend 127.0.0.1:any leads to it (expected: a pool that no frontend leads to)");
        assertThat(lb.pools()).hasSize(2);
    }

    @Test
    void closedBalancer_takesNoPoolAndNoSettings() {
        LoadBalancer lb = start(builderFor("api").backend(ONE).pool("api", PoolsTest::two));
        Pool api = lb.pool("api");
        lb.close();
        assertThatThrownBy(() -> lb.pool("b", PoolsTest::two))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(lb.name() + " is closed");
        assertThatThrownBy(() -> api.reconfigure(change -> change.noQueue()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(lb.name() + " is closed");
        assertThatThrownBy(() -> api.backends().add(ONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(lb.name() + " is closed");
        api.close();
        assertThat(LeakCheck.balancerThreads()).isEmpty();
    }

    @Test
    void lines_ofAPool_sayItsName() {
        try (LogCapture log = LogCapture.open()) {
            start(builderFor("api").name("orders").backend(ONE.withWeight(0)).pool("api", pool -> pool.backend(
                            TWO.withWeight(0))
                    .healthCheck(check -> check.interval(Duration.ofSeconds(2)).timeout(Duration.ofSeconds(3)))));
            await().until(() -> log.messages("all backends have weight 0").size() == 2);
            assertThat(log.messages("all backends have weight 0"))
                    .containsExactlyInAnyOrder(
                            "orders: all backends have weight 0, so none gets connections",
                            "orders: pool api: all backends have weight 0, so none gets connections");
            assertThat(log.messages("orders: pool api: health check timeout: PT3S"))
                    .hasSize(1);
        }
    }

    // ---- many

    @Test
    void hundredPools_haveTheThreadsOfOne() {
        assertThat(poolsOfThreads(100)).isEqualTo(poolsOfThreads(1)).hasSizeLessThan(8);
    }

    /** The names of those that were made, for checks and discoveries that all come to be. */
    private List<String> poolsOfThreads(int pools) {
        ConcurrentLinkedQueue<String> made = new ConcurrentLinkedQueue<>();
        Platform system = Platform.system();
        LoadBalancerBuilder builder = builder().name("many").platform(system.with((name, most) -> {
            made.add(name);
            return system.workers().pool(name, most);
        }));
        builder.listen("127.0.0.1", 0, frontend -> frontend.route(connection -> "p0"));
        IntStream.range(0, pools)
                .forEach(i -> builder.pool("p" + i, pool -> pool.discovery(() -> List.of(ONE))
                        .healthCheck(check -> check.checker((backend, timeout) -> {}))));
        try (LoadBalancer lb = builder.start()) {
            await().atMost(SOON)
                    .until(() -> lb.stats().backends().values().stream()
                                    .filter(backend -> backend.checksPassed() > 0)
                                    .count()
                            == pools);
            assertThat(LeakCheck.balancerThreads()).hasSizeLessThan(80);
        }
        return List.copyOf(made);
    }

    /** A discovery that hangs keeps neither those of other pools nor their checks. */
    @Test
    void guestsThatHang_ofOnePool_keepNoOtherPool() {
        Object never = new Object();
        LoadBalancer lb = start(builder().backend(ONE));
        IntStream.range(0, 3)
                .forEach(i -> lb.pool("hangs" + i, pool -> pool.backend(ONE)
                        .discovery(() -> hang(never))
                        .healthCheck(check -> check.checker((backend, timeout) -> hang(never)))));
        Pool quick = lb.pool("quick", pool -> pool.discovery(() -> List.of(TWO))
                .healthCheck(check -> check.checker((backend, timeout) -> {})));
        await().atMost(SOON)
                .until(() -> !quick.backends().list().isEmpty()
                        && quick.backends().list().get(0).passedChecks() > 0);
    }

    private static List<Backend> hang(Object never) throws InterruptedException {
        synchronized (never) {
            while (true) {
                never.wait();
            }
        }
    }

    private static void two(PoolBuilder pool) {
        pool.backend(TWO).noHealthCheck();
    }

    private static LoadBalancerBuilder builder() {
        return LoadBalancer.builder().noHealthCheck();
    }

    /** With a frontend for the default pool, and one for each of these. */
    private static LoadBalancerBuilder builderFor(String... pools) {
        LoadBalancerBuilder builder = builder().listen("127.0.0.1", 0);
        for (String pool : pools) {
            builder.listen("127.0.0.1", 0, frontend -> frontend.name(pool).pool(pool));
        }
        return builder;
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }

    private static List<Backend> backends(Pool pool) {
        return pool.backends().list().stream().map(BackendState::backend).toList();
    }

    private static List<String> ids(Pool pool) {
        return backends(pool).stream().map(Backend::id).toList();
    }
}
