package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.health.CheckAnswer;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.util.Control;
import io.lb4j.internal.util.Platform;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Background;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Eight threads pick while backends come, go, fail, recover and change weight. */
class PoolStressTest {
    private static final int THREADS = 8;
    private static final int CHANGES = 3_000;
    private static final int LIMIT = 3;

    private final AtomicInteger added = new AtomicInteger();
    private final ConcurrentHashMap<String, Long> removedAt = new ConcurrentHashMap<>();
    private final AtomicLong ticks = new AtomicLong();
    private final AtomicLong picks = new AtomicLong();
    private volatile boolean over;

    static List<BackendSelector> selectors() {
        return PoolEligibilityTest.selectors();
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void picks_whileEverythingChanges_areOfThoseThatAreThere(BackendSelector selector) {
        long seed = new Random().nextLong();
        Control control = new Control("stress", Platform.system());
        control.start();
        PoolRules settings = PoolRules.of(selector).withSlowStart(Duration.ofMillis(5));
        BackendPool pool = new BackendPool(
                settings,
                new Announcer("stress", List.of(), control, System::nanoTime),
                new BackendPool.Surroundings(control, System::nanoTime, new Random(seed)));
        pool.begin(new NoHooks(), List.of(next(), next(), next()), Health.unchecked(true, "not checked"));
        List<CompletableFuture<Void>> pickers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int first = i * 1_000_000;
            pickers.add(Background.run(() -> pickUntilOver(pool, first)));
        }
        try {
            change(pool, new Random(seed));
        } finally {
            over = true;
            control.end();
        }
        assertThat(pickers).as("seed " + seed).allSatisfy(picker -> assertThat(picker)
                .succeedsWithin(Duration.ofSeconds(20)));
        assertThat(picks.get()).isPositive();
        assertThat(pool.states())
                .allSatisfy(state -> assertThat(state.activeConnections()).isZero());
        assertNobodyIsTakenForFull(pool);
    }

    /** Each comes to its limit and goes from it all the time, on all threads at once. */
    @ParameterizedTest
    @MethodSource("selectors")
    void picks_ofBackendsAtTheirLimits_exceedNoneAndNoneStaysOutForEver(BackendSelector selector) {
        Control control = new Control("stress", Platform.system());
        BackendPool pool = new BackendPool(
                PoolRules.of(selector),
                new Announcer("stress", List.of(), control, System::nanoTime),
                new BackendPool.Surroundings(control, System::nanoTime, new Random()));
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < THREADS - 1; i++) {
            backends.add(next().withPriority(i % 2).withMaxConnections(1));
        }
        pool.begin(new NoHooks(), backends, Health.unchecked(true, "not checked"));
        List<CompletableFuture<Void>> pickers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int first = i * 1_000_000;
            pickers.add(Background.run(() -> pickUntilOver(pool, first)));
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> picks.get() > 20_000);
        over = true;
        assertThat(pickers).allSatisfy(picker -> assertThat(picker).succeedsWithin(Duration.ofSeconds(20)));
        assertNobodyIsTakenForFull(pool);
        control.end();
    }

    private static void assertNobodyIsTakenForFull(BackendPool pool) {
        CandidateList first = pool.snapshotNow().candidates();
        assertThat(first.open(List.of())).isSameAs(first);
    }

    private void pickUntilOver(BackendPool pool, int first) {
        for (int i = first; !over; i++) {
            long began = ticks.incrementAndGet();
            Route route = pool.next(TestClient.of(i), List.of());
            if (route == null || route == Router.FULL) {
                continue;
            }
            Long gone = removedAt.get(route.backend().id());
            if (gone != null && gone < began) {
                throw new AssertionError(route.backend() + " was picked after its removal had returned");
            }
            int active = ((PooledBackend) route).activeConnections();
            if (active > route.backend().maxConnections().orElse(Integer.MAX_VALUE) || active < 1) {
                throw new AssertionError(route.backend() + " has " + active + " connections");
            }
            route.ended(CloseReason.COMPLETED, Party.CLIENT, 1, 1);
            route.released();
            picks.incrementAndGet();
        }
    }

    private void change(BackendPool pool, Random random) {
        for (int i = 0; i < CHANGES; i++) {
            List<Backend> there = present(pool);
            Backend one = there.get(random.nextInt(there.size()));
            switch (random.nextInt(there.size() < 20 ? 6 : 1)) {
                case 0 -> {
                    if (there.size() > 2) {
                        pool.administration().remove(one.id(), null);
                        removedAt.put(one.id(), ticks.incrementAndGet());
                    }
                }
                case 1 -> pool.administration().add(next());
                case 2 -> pool.administration().weight(one.id(), random.nextInt(4));
                case 3 ->
                    pool.checked(
                            pool.places().get(0),
                            new Health(false, "failed", null, 0, 1, CheckAnswer.HEALTHY, System.nanoTime()));
                case 4 -> replaceOrDisable(pool, one, random);
                default ->
                    pool.places()
                            .forEach(all -> pool.checked(
                                    all,
                                    new Health(true, "passed", null, 1, 0, CheckAnswer.HEALTHY, System.nanoTime())));
            }
        }
    }

    /** Taken out in one of several ways, and put back. */
    private void replaceOrDisable(BackendPool pool, Backend one, Random random) {
        Administration administration = pool.administration();
        if (random.nextBoolean()) {
            administration.disable(one.id());
            administration.enable(one.id());
        } else {
            List<Backend> all = new ArrayList<>(present(pool));
            all.remove(one);
            all.add(next());
            administration.replaceAll(all);
            removedAt.put(one.id(), ticks.incrementAndGet());
        }
    }

    private static List<Backend> present(BackendPool pool) {
        return pool.states().stream()
                .filter(state -> state.status() != BackendStatus.LEAVING)
                .map(state -> state.backend())
                .toList();
    }

    private Backend next() {
        int number = added.incrementAndGet();
        Backend backend = Backend.of("127.0.0.1", 1)
                .withId("b" + number)
                .withLabel("zone", number % 2 == 0 ? "a" : "b")
                .withPriority(number % 3 == 0 ? 1 : 0)
                .withWeight(1 + number % 5);
        return number % 2 == 0 ? backend.withMaxConnections(1 + number % LIMIT) : backend;
    }
}
