package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is offered to selectors: tiers, limits, slow start, and backends that come, go and change weight. */
class PoolEligibilityTest {
    private final ManualClock clock = ManualClock.create();
    private final Backend a = backend("a");
    private final Backend b = backend("b");
    private final Backend c = backend("c");

    /** All selectors there are; none may break a rule of this class. */
    static List<BackendSelector> selectors() {
        return List.of(
                BackendSelector.roundRobin(),
                BackendSelector.roundRobinFromRandomStart(),
                BackendSelector.weightedRoundRobin(),
                BackendSelector.leastConnections(),
                BackendSelector.random(),
                BackendSelector.powerOfTwoChoices(),
                BackendSelector.leastConnectTime(),
                BackendSelector.sticky(),
                BackendSelector.sticky(client -> "key", 1.25),
                BackendSelector.first(),
                BackendSelector.leastConnections().preferring("zone", "a"));
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void tier_aboveHasSomebody_nobodyBelowIsPicked(BackendSelector selector) {
        BackendPool pool = pool(selector, null, a.withPriority(1), b, c.withPriority(1), backend("d"));
        assertThat(counts(pool, 400).keySet()).isSubsetOf("b", "d");
        pool.checked(b, BackendStatus.DOWN, "refused");
        assertThat(counts(pool, 40).keySet()).containsExactly("d");
        pool.checked(backend("d"), BackendStatus.DOWN, "refused");
        assertThat(counts(pool, 400).keySet()).isSubsetOf("a", "c").isNotEmpty();
        pool.checked(b, BackendStatus.UP, "back");
        assertThat(counts(pool, 40).keySet()).containsExactly("b");
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void tier_allAboveFailedForThisConnection_theNextIsTried(BackendSelector selector) {
        BackendPool pool = pool(selector, null, a, b.withPriority(7));
        Route first = pool.next(TestClient.of(1), List.of());
        assertThat(id(first)).isEqualTo("a");
        assertThat(id(pool.next(TestClient.of(1, 2), List.of(first)))).isEqualTo("b");
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void limit_reached_othersGetTheRestAndNobodyIsRefusedWhileOneHasRoom(BackendSelector selector) {
        BackendPool pool = pool(selector, null, a.withMaxConnections(2), b.withMaxConnections(3), c.withPriority(1));
        List<Route> held = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            held.add(pool.next(TestClient.of(i), List.of()));
        }
        assertThat(held.stream().map(PoolEligibilityTest::id).sorted()).containsExactly("a", "a", "b", "b", "b");
        assertThat(id(pool.next(TestClient.of(6), List.of())))
                .as("the tier is full")
                .isEqualTo("c");
        held.stream()
                .filter(route -> id(route).equals("a"))
                .findFirst()
                .orElseThrow()
                .released(0, 0);
        assertThat(id(pool.next(TestClient.of(7), List.of())))
                .as("a place is free")
                .isEqualTo("a");
    }

    @Test
    void limit_allFull_isNobody() {
        BackendPool pool = pool(BackendSelector.roundRobin(), null, a.withMaxConnections(1));
        Route route = pool.next(TestClient.of(1), List.of());
        assertThat(route).isNotNull();
        assertThat(pool.next(TestClient.of(1), List.of())).isNull();
        route.released(0, 0);
        assertThat(pool.next(TestClient.of(1), List.of())).isSameAs(route);
    }

    static Stream<BackendSelector> selectorsThatSpread() {
        // Not first(), which is not meant to, and not one whose clients all have one key.
        return selectors().stream().limit(8);
    }

    @ParameterizedTest
    @MethodSource("selectorsThatSpread")
    void down_oneOfFive_itsShareGoesToAllOthers(BackendSelector selector) {
        BackendPool pool = pool(selector, null, a, b, c, backend("d"), backend("e"));
        pool.checked(b, BackendStatus.DOWN, "refused");
        Map<String, Integer> counts = counts(pool, 8000);
        assertThat(counts.keySet()).containsExactly("a", "c", "d", "e");
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isCloseTo(2000, within(250)));
    }

    @Test
    void slowStart_comesUp_growsByThePercentExactlyWithTheClock() {
        BackendPool pool = pool(BackendSelector.weightedRoundRobin(), Duration.ofSeconds(90), a.withWeight(2), b);
        down(pool, a.withWeight(2));
        pool.checked(a.withWeight(2), BackendStatus.UP, "back");
        for (int percent = 10; percent < 100; percent++) {
            assertThat(counts(pool, 100 + 2 * percent))
                    .as(percent + " percent")
                    .isEqualTo(Map.of("a", 2 * percent, "b", 100));
            clock.advance(Duration.ofMillis(999));
            assertThat(warmUpPercent(pool, 0)).as("a millisecond early").isEqualTo(percent);
            clock.advance(Duration.ofMillis(1));
        }
        assertThat(counts(pool, 300)).isEqualTo(Map.of("a", 200, "b", 100));
        assertThat(isWarmingUp(pool)).isFalse();
    }

    @Test
    void slowStart_longSilence_thenTheNextPickHasTheShareOfThatTime() {
        BackendPool pool = pool(BackendSelector.roundRobin(), Duration.ofSeconds(90), a, b);
        down(pool, a);
        pool.checked(a, BackendStatus.UP, "back");
        clock.advance(Duration.ofSeconds(40));
        assertThat(counts(pool, 150)).as("round robin heeds it").isEqualTo(Map.of("a", 50, "b", 100));
        clock.advance(Duration.ofDays(300));
        assertThat(counts(pool, 100)).isEqualTo(Map.of("a", 50, "b", 50));
    }

    @Test
    void slowStart_atTheStartOfTheBalancer_thereIsNone() {
        BackendPool pool = pool(BackendSelector.roundRobin(), Duration.ofSeconds(90), a, b);
        pool.checked(a, BackendStatus.UP, "after 1 passed check");
        assertThat(isWarmingUp(pool)).isFalse();
        assertThat(counts(pool, 10)).isEqualTo(Map.of("a", 5, "b", 5));
    }

    @Test
    void slowStart_added_warmsUp() {
        BackendPool pool = pool(BackendSelector.roundRobin(), Duration.ofSeconds(90), a);
        pool.add(b, "not checked yet");
        assertThat(counts(pool, 110)).isEqualTo(Map.of("a", 100, "b", 10));
    }

    @Test
    void slowStart_goesDownAndUpAgain_beginsAgain() {
        BackendPool pool = pool(BackendSelector.roundRobin(), Duration.ofSeconds(90), a, b);
        for (int i = 0; i < 2; i++) {
            down(pool, a);
            pool.checked(a, BackendStatus.UP, "back");
            assertThat(counts(pool, 110)).isEqualTo(Map.of("a", 10, "b", 100));
            clock.advance(Duration.ofSeconds(50));
        }
    }

    @Test
    void slowStart_allCameUpAtOnce_theyShareEvenly() {
        BackendPool pool = pool(BackendSelector.weightedRoundRobin(), Duration.ofSeconds(90), a, b);
        down(pool, a);
        down(pool, b);
        pool.checked(a, BackendStatus.UP, "back");
        pool.checked(b, BackendStatus.UP, "back");
        assertThat(counts(pool, 10)).isEqualTo(Map.of("a", 5, "b", 5));
    }

    @Test
    void slowStart_clockThatWraps_isNoMatter() {
        ManualClock nearTheEnd =
                ManualClock.startingAt(Long.MAX_VALUE - Duration.ofSeconds(45).toNanos());
        BackendPool pool = new BackendPool(
                "test", List.of(a, b), "", BackendSelector.roundRobin(), Duration.ofSeconds(90), null, nearTheEnd);
        down(pool, a);
        pool.checked(a, BackendStatus.UP, "back");
        nearTheEnd.advance(Duration.ofSeconds(40));
        assertThat(counts(pool, 150)).isEqualTo(Map.of("a", 50, "b", 100));
        nearTheEnd.advance(Duration.ofSeconds(40));
        assertThat(counts(pool, 190)).isEqualTo(Map.of("a", 90, "b", 100));
    }

    @Test
    void weight_changed_holdsFromTheNextPickAndKeepsTheCounters() {
        BackendPool pool = pool(BackendSelector.weightedRoundRobin(), null, a, b);
        counts(pool, 10).forEach((id, count) -> assertThat(count).isEqualTo(5));
        Route route = pool.next(TestClient.of(1), List.of());
        pool.weight("a", 3);
        assertThat(pool.states().get(0).backend().weight()).isEqualTo(3);
        assertThat(pool.states().get(0).activeConnections()
                        + pool.states().get(1).activeConnections())
                .isEqualTo(1);
        assertThat(counts(pool, 400).get("a")).isCloseTo(300, within(1));
        pool.weight("a", 0);
        assertThat(counts(pool, 10)).isEqualTo(Map.of("b", 10));
        assertThat(route).isNotNull();
        assertThatThrownBy(() -> pool.weight("a", -1)).hasMessage("weight: -1 (expected: 0..1000)");
    }

    @Test
    void remove_getsNoMoreAndWhatItHasGoesOn() {
        BackendPool pool = pool(BackendSelector.roundRobin(), null, a, b);
        Route route = pool.next(TestClient.of(1), List.of());
        assertThat(id(route)).isEqualTo("a");
        pool.remove("a");
        assertThat(counts(pool, 10)).isEqualTo(Map.of("b", 10));
        assertThat(((PooledBackend) route).activeConnections()).isEqualTo(1);
        route.released(1, 2);
        assertThat(((PooledBackend) route).activeConnections()).isZero();
        assertThat(((PooledBackend) route).reserve()).isFalse();
    }

    @Test
    void addAndRemove_wrongIds_nameTheKnownOnes() {
        BackendPool pool = pool(BackendSelector.roundRobin(), null, a, b);
        assertThatThrownBy(() -> pool.add(a, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.remove("x"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("backend id: x (expected: one of [a, b])");
        assertThatThrownBy(() -> pool.weight("x", 1)).isInstanceOf(NoSuchElementException.class);
    }

    private BackendPool pool(BackendSelector selector, @Nullable Duration slowStart, Backend... backends) {
        return new BackendPool("test", List.of(backends), "not checked", selector, slowStart, null, clock);
    }

    private static void down(BackendPool pool, Backend backend) {
        pool.checked(backend, BackendStatus.DOWN, "refused");
    }

    private static int warmUpPercent(BackendPool pool, int index) {
        return pool.snapshotNow().candidates().warmUpPercent(index);
    }

    private static boolean isWarmingUp(BackendPool pool) {
        return pool.snapshotNow().candidates().isWarmingUp();
    }

    /** How often each was picked by so many connections of different clients that ended at once. */
    private static Map<String, Integer> counts(BackendPool pool, int picks) {
        Map<String, Integer> counts = new TreeMap<>();
        IntStream.range(0, picks).forEach(i -> {
            Route route = pool.next(TestClient.of(i), List.of());
            counts.merge(id(route), 1, Integer::sum);
            assertThat(route).isNotNull();
            route.released(0, 0);
        });
        return counts;
    }

    private static String id(@Nullable Route route) {
        return route == null ? "nobody" : route.backend().id();
    }

    private static Backend backend(String id) {
        return Backend.of("127.0.0.1", 1).withId(id);
    }
}
