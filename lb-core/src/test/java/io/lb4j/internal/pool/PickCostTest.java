package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Allocations;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pick among very many allocates: nothing that grows with them, also when somebody is full or has failed. */
class PickCostTest {
    private static final int MANY = 10_000;
    private static final int PICKS = 300;
    private static final long FEW_BYTES = 1024;

    static List<BackendSelector> selectors() {
        return PoolEligibilityTest.selectors();
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void pick_oneIsFull_allocatesNothingThatGrowsWithTheBackends(BackendSelector selector) {
        TestPool pool = many(selector);
        Route full = pool.pool.next(TestClient.of(1), List.of());
        assertThat(full).isNotNull();
        for (int i = 1; i < full.backend().maxConnections().orElseThrow(); i++) {
            assertThat(((PooledBackend) full).reserve()).isTrue();
        }
        assertThat(Allocations.each(PICKS, () -> pick(pool, 1, List.of()))).isLessThan(FEW_BYTES);
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void furtherAttempt_allocatesNothingThatGrowsWithTheBackends(BackendSelector selector) {
        TestPool pool = many(selector);
        Route failed = pick(pool, 1, List.of());
        assertThat(Allocations.each(
                        PICKS, () -> assertThat(pick(pool, 2, List.of(failed))).isNotSameAs(failed)))
                .isLessThan(4 * FEW_BYTES); // most of it is the assertion's
    }

    /** At its limit all the time: it comes to it and goes from it with each connection. */
    @ParameterizedTest
    @MethodSource("selectors")
    void pick_comesToTheLimitEachTime_allocatesNothingThatGrowsWithTheBackends(BackendSelector selector) {
        TestPool pool = many(selector);
        PooledBackend one = pool.member("b7").place();
        assertThat(one.reserve()).isTrue();
        assertThat(Allocations.each(PICKS, () -> {
                    assertThat(one.reserve()).isTrue();
                    pick(pool, 1, List.of());
                    one.released();
                }))
                .isLessThan(4 * FEW_BYTES);
    }

    private static Route pick(TestPool pool, int attempt, List<Route> failed) {
        Route route = pool.pool.next(TestClient.of(1, attempt), failed);
        assertThat(route).isNotNull();
        route.released();
        return route;
    }

    private static TestPool many(BackendSelector selector) {
        return TestPool.of(
                selector,
                IntStream.range(0, MANY)
                        .mapToObj(i -> TestPool.backend("b" + i)
                                .withMaxConnections(2)
                                .withWeight(1 + i % 2)
                                .withLabel("zone", i % 2 == 0 ? "a" : "b"))
                        .toArray(Backend[]::new));
    }
}
