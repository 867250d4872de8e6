package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is offered to selectors: tiers, limits, slow start, and backends that come, go and change weight. */
class PoolEligibilityTest {
    private static final Duration SLOW = Duration.ofSeconds(90);

    private final Backend a = TestPool.backend("a");
    private final Backend b = TestPool.backend("b");
    private final Backend c = TestPool.backend("c");

    /** All selectors there are; none may break a rule of this class. */
    static List<BackendSelector> selectors() {
        return List.of(
                BackendSelector.roundRobin(),
                BackendSelector.roundRobinFromRandomStart(),
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
        TestPool pool = TestPool.of(selector, a.withPriority(1), b, c.withPriority(1), TestPool.backend("d"));
        assertThat(pool.counts(400).keySet()).isSubsetOf("b", "d");
        pool.down("b");
        assertThat(pool.counts(40).keySet()).containsExactly("d");
        pool.down("d");
        assertThat(pool.counts(400).keySet()).isSubsetOf("a", "c").isNotEmpty();
        pool.up("b");
        assertThat(pool.counts(40).keySet()).containsExactly("b");
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void tier_allAboveFailedForThisConnection_theNextIsTried(BackendSelector selector) {
        TestPool pool = TestPool.of(selector, a, b.withPriority(7));
        Route first = pool.pool.next(TestClient.of(1), List.of());
        assertThat(TestPool.id(first)).isEqualTo("a");
        assertThat(TestPool.id(pool.pool.next(TestClient.of(1, 2), List.of(first))))
                .isEqualTo("b");
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void limit_reached_othersGetTheRestAndNobodyIsRefusedWhileOneHasRoom(BackendSelector selector) {
        TestPool pool = TestPool.of(selector, a.withMaxConnections(2), b.withMaxConnections(3), c.withPriority(1));
        List<Route> held = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            held.add(pool.pool.next(TestClient.of(i), List.of()));
        }
        assertThat(held.stream().map(TestPool::id).sorted()).containsExactly("a", "a", "b", "b", "b");
        assertThat(TestPool.id(pool.pool.next(TestClient.of(6), List.of())))
                .as("the tier is full")
                .isEqualTo("c");
        held.stream()
                .filter(route -> TestPool.id(route).equals("a"))
                .findFirst()
                .orElseThrow()
                .released();
        assertThat(TestPool.id(pool.pool.next(TestClient.of(7), List.of())))
                .as("a place is free")
                .isEqualTo("a");
    }

    @Test
    void limit_allFull_isNobody() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), a.withMaxConnections(1));
        Route route = pool.pool.next(TestClient.of(1), List.of());
        assertThat(route).isNotNull();
        assertThat(pool.pool.next(TestClient.of(1), List.of())).isSameAs(Router.FULL);
        route.released();
        assertThat(pool.pool.next(TestClient.of(1), List.of())).isSameAs(route);
    }

    /** It is full at every second pick, and its neighbour must not get all that it cannot take. */
    @Test
    void limit_reachedAtEverySecondPick_theOthersShareWhatItCannotTake() {
        for (int weight : List.of(1, 3)) {
            Backend limitedOne = b.withMaxConnections(1).withWeight(weight);
            TestPool pool = TestPool.of(BackendSelector.roundRobin(), a, limitedOne, c);
            PooledBackend limited = pool.member("b").place();
            Map<String, Integer> counts = new TreeMap<>();
            for (int i = 0; i < 1200; i++) {
                boolean held = i % 2 == 1 && limited.reserve();
                pool.counts(1).forEach((id, count) -> counts.merge(id, count, Integer::sum));
                if (held) {
                    limited.released();
                }
            }
            assertThat(counts.get("a")).as(counts.toString()).isCloseTo(counts.get("c"), within(4));
        }
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void limit_raisedAndLowered_holdsAtOnce(BackendSelector selector) {
        TestPool pool = TestPool.of(selector, a.withMaxConnections(1));
        assertThat(pool.connect(1)).isNotNull();
        assertThat(pool.connect(2)).isNull();
        pool.admin.replaceAll(List.of(a.withMaxConnections(2)));
        assertThat(pool.connect(3)).isNotNull();
        assertThat(pool.connect(4)).isNull();
        pool.admin.replaceAll(List.of(a));
        Route third = pool.connect(5);
        assertThat(third).isNotNull();
        pool.admin.replaceAll(List.of(a.withMaxConnections(3)));
        assertThat(pool.connect(6)).isNull();
        pool.end(third);
        assertThat(pool.connect(7)).isNotNull();
    }

    /** What it has keeps counting while nobody may choose it; when it may be chosen again, it may be full. */
    @Test
    void limit_reachedWhileOut_isKnownWhenItComesBack() {
        TestPool pool = TestPool.of(BackendSelector.first(), a.withMaxConnections(2), b);
        Route first = pool.connect(1);
        pool.connect(2);
        pool.admin.disable("a");
        pool.admin.enable("a");
        assertThat(TestPool.id(pool.connect(3))).isEqualTo("b");
        pool.down("a");
        pool.end(first);
        pool.up("a");
        assertThat(TestPool.id(pool.connect(4))).isEqualTo("a");
    }

    static Stream<BackendSelector> selectorsThatSpread() {
        // Not first(), which is not meant to, and not one whose clients all have one key.
        return selectors().stream().limit(7);
    }

    @ParameterizedTest
    @MethodSource("selectorsThatSpread")
    void down_oneOfFive_itsShareGoesToAllOthers(BackendSelector selector) {
        TestPool pool = TestPool.of(selector, a, b, c, TestPool.backend("d"), TestPool.backend("e"));
        pool.down("b");
        Map<String, Integer> counts = pool.counts(8000);
        assertThat(counts.keySet()).containsExactly("a", "c", "d", "e");
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isCloseTo(2000, within(250)));
    }

    @Test
    void slowStart_comesUp_growsByThePercentExactlyWithTheClock() {
        TestPool pool = slowlyStarting(BackendSelector.roundRobin(), a.withWeight(2), b);
        pool.down("a");
        pool.up("a");
        for (int percent = 10; percent < 100; percent++) {
            assertThat(pool.counts(100 + 2 * percent))
                    .as(percent + " percent")
                    .isEqualTo(Map.of("a", 2 * percent, "b", 100));
            pool.clock.advance(Duration.ofMillis(999));
            assertThat(pool.pool.snapshotNow().candidates().weight(0))
                    .as("a millisecond early")
                    .isEqualTo(2 * percent);
            pool.clock.advance(Duration.ofMillis(1));
        }
        assertThat(pool.counts(300)).isEqualTo(Map.of("a", 200, "b", 100));
        assertThat(pool.pool.snapshotNow().candidates().weight(0))
                .as("no longer in percent")
                .isEqualTo(2);
    }

    @Test
    void slowStart_longSilence_thenTheNextPickHasTheShareOfThatTime() {
        TestPool pool = slowlyStarting(BackendSelector.roundRobin(), a, b);
        pool.down("a");
        pool.up("a");
        pool.clock.advance(Duration.ofSeconds(40));
        assertThat(pool.counts(150)).as("round robin heeds it").isEqualTo(Map.of("a", 50, "b", 100));
        pool.clock.advance(Duration.ofDays(300));
        assertThat(pool.counts(100)).isEqualTo(Map.of("a", 50, "b", 50));
    }

    @Test
    void slowStart_atTheStartOfTheBalancer_thereIsNone() {
        TestPool pool = slowlyStarting(BackendSelector.roundRobin(), a, b);
        pool.up("a");
        assertThat(pool.counts(10)).isEqualTo(Map.of("a", 5, "b", 5));
    }

    @Test
    void slowStart_added_warmsUp() {
        TestPool pool = slowlyStarting(BackendSelector.roundRobin(), a);
        pool.admin.add(b);
        assertThat(pool.counts(110)).isEqualTo(Map.of("a", 100, "b", 10));
    }

    @Test
    void slowStart_goesDownAndUpAgain_beginsAgain() {
        TestPool pool = slowlyStarting(BackendSelector.roundRobin(), a, b);
        for (int i = 0; i < 2; i++) {
            pool.down("a");
            pool.up("a");
            assertThat(pool.counts(110)).isEqualTo(Map.of("a", 10, "b", 100));
            pool.clock.advance(Duration.ofSeconds(50));
        }
    }

    @Test
    void slowStart_allCameUpAtOnce_theyShareEvenly() {
        TestPool pool = slowlyStarting(BackendSelector.roundRobin(), a, b);
        pool.down("a");
        pool.down("b");
        pool.up("a");
        pool.up("b");
        assertThat(pool.counts(10)).isEqualTo(Map.of("a", 5, "b", 5));
    }

    @Test
    void slowStart_clockThatWraps_isNoMatter() {
        ManualClock nearTheEnd =
                ManualClock.startingAt(Long.MAX_VALUE - Duration.ofSeconds(45).toNanos());
        PoolRules settings = PoolRules.of(BackendSelector.roundRobin()).withSlowStart(SLOW);
        TestPool pool = new TestPool(nearTheEnd, settings, a, b);
        pool.down("a");
        pool.up("a");
        nearTheEnd.advance(Duration.ofSeconds(40));
        assertThat(pool.counts(150)).isEqualTo(Map.of("a", 50, "b", 100));
        nearTheEnd.advance(Duration.ofSeconds(40));
        assertThat(pool.counts(190)).isEqualTo(Map.of("a", 90, "b", 100));
    }

    @Test
    void weight_changed_holdsFromTheNextPickAndKeepsTheCounters() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), a, b);
        pool.counts(10).forEach((id, count) -> assertThat(count).isEqualTo(5));
        Route route = pool.pool.next(TestClient.of(1), List.of());
        pool.admin.weight("a", 3);
        assertThat(pool.pool.states().get(0).backend().weight()).isEqualTo(3);
        assertThat(pool.pool.states().get(0).activeConnections()
                        + pool.pool.states().get(1).activeConnections())
                .isEqualTo(1);
        assertThat(pool.counts(400).get("a")).isCloseTo(300, within(1));
        pool.admin.weight("a", 0);
        assertThat(pool.counts(10)).isEqualTo(Map.of("b", 10));
        assertThat(route).isNotNull();
        assertThatThrownBy(() -> pool.admin.weight("a", -1)).hasMessage("weight: -1 (expected: 0..1000)");
    }

    @Test
    void remove_getsNoMoreAndWhatItHasGoesOn() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), a, b);
        Route route = pool.pool.next(TestClient.of(1), List.of());
        assertThat(TestPool.id(route)).isEqualTo("a");
        pool.admin.remove("a", null);
        assertThat(pool.counts(10)).isEqualTo(Map.of("b", 10));
        assertThat(((PooledBackend) route).activeConnections()).isEqualTo(1);
        route.ended(CloseReason.COMPLETED, Party.CLIENT, 1, 2);
        route.released();
        assertThat(((PooledBackend) route).activeConnections()).isZero();
        assertThat(((PooledBackend) route).reserve()).isFalse();
    }

    @Test
    void addAndRemove_wrongIds_nameTheKnownOnes() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), a, b);
        assertThatThrownBy(() -> pool.admin.add(a)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.admin.remove("x", null))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("backend id: x (expected: one of [a, b])");
        assertThatThrownBy(() -> pool.admin.weight("x", 1)).isInstanceOf(NoSuchElementException.class);
    }

    private static TestPool slowlyStarting(BackendSelector selector, Backend... backends) {
        return new TestPool(PoolRules.of(selector).withSlowStart(SLOW), backends);
    }
}
