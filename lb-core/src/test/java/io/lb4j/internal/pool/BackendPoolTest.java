package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.event.Party;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.internal.health.Health;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.ClientConnection;
import io.lb4j.stats.BackendStats;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackendPoolTest {
    private static final Backend A = Backend.of("10.0.0.1", 1).withId("a");
    private static final Backend B = Backend.of("10.0.0.2", 1).withId("b");
    private static final ClientConnection CLIENT = TestClient.of(1);

    private final List<Integer> offered = new ArrayList<>();

    @Test
    void next_allDownOrFailed_isNobodyAndTheSelectorIsNotAsked() {
        TestPool pool = pool((candidates, connection) -> {
            offered.add(candidates.size());
            return candidates.get(0);
        });
        Route first = pool.pool.next(CLIENT, List.of());
        assertThat(first).isNotNull();
        Route second = pool.pool.next(CLIENT, List.of(first));
        assertThat(second).isNotNull().isNotSameAs(first);
        assertThat(pool.pool.next(CLIENT, List.of(first, second))).isNull();
        pool.down("a");
        pool.down("b");
        assertThat(pool.pool.next(CLIENT, List.of())).isNull();
        assertThat(offered).containsExactly(2, 1);
    }

    @Test
    void next_backendOfWeightZero_getsNothing() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), A.withWeight(0), B);
        for (int i = 0; i < 10; i++) {
            Route route = pool.pool.next(CLIENT, List.of());
            assertThat(route).isNotNull();
            assertThat(route.backend()).isEqualTo(B);
        }
    }

    @Test
    void next_selectorRefuses_isNobody() { // E7
        assertThat(pool((candidates, connection) -> null).pool.next(CLIENT, List.of()))
                .isNull();
    }

    @Test
    void next_selectorThrows_isThrown() { // E7
        TestPool pool = pool((candidates, connection) -> {
            throw new AssertionError("no idea");
        });
        assertThatThrownBy(() -> pool.pool.next(CLIENT, List.of())).hasMessage("no idea");
    }

    @Test
    void next_selectorInventsACandidate_isAskedOnceMoreThenRefused() { // E7
        Candidate foreign = new Candidate() {
            @Override
            public Backend backend() {
                return A;
            }

            @Override
            public int activeConnections() {
                return 0;
            }
        };
        TestPool pool = pool((candidates, connection) -> {
            offered.add(candidates.size());
            return foreign;
        });
        assertThatThrownBy(() -> pool.pool.next(CLIENT, List.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("which is no candidate");
        assertThat(offered).containsExactly(2, 2);
    }

    @Test
    void next_selectorKeepsACandidateThatWentDown_isAskedOnceMore() { // E7
        List<Candidate> kept = new ArrayList<>();
        TestPool pool = pool((candidates, connection) -> {
            offered.add(candidates.size());
            kept.add(candidates.get(0));
            // The first candidate of all, once too often; then the first of those who are here.
            return offered.size() == 2 ? kept.get(0) : candidates.get(0);
        });
        pool.pool.next(CLIENT, List.of());
        pool.down("a");
        Route route = pool.pool.next(CLIENT, List.of());
        assertThat(route).isNotNull();
        assertThat(route.backend()).isEqualTo(B);
        assertThat(offered).containsExactly(2, 1, 1);
    }

    @Test
    void next_selectorPicksTheOneThatFailedForThisConnection_isRefused() { // E7, C1
        List<Candidate> kept = new ArrayList<>();
        TestPool pool = pool((candidates, connection) -> {
            kept.add(candidates.get(0));
            return kept.get(0);
        });
        Route failed = pool.pool.next(CLIENT, List.of());
        assertThat(failed).isNotNull();
        assertThatThrownBy(() -> pool.pool.next(CLIENT, List.of(failed))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void checked_statusChanges_areToldOnceAndReasonsAreKept() {
        TestPool pool = pool(BackendSelector.roundRobin());
        pool.check("a", true, "after 1 passed check");
        pool.check("a", false, "refused");
        pool.check("a", false, "timed out");
        pool.check("a", true, "back");
        pool.pool.checked(() -> Backend.of("10.0.0.9", 1), Health.unchecked(false, "not one of ours"));
        assertThat(pool.events)
                .containsExactly(
                        new BackendStatusChanged(A, BackendStatus.UP, BackendStatus.DOWN, "refused"),
                        new BackendStatusChanged(A, BackendStatus.DOWN, BackendStatus.UP, "back"));
        assertThat(pool.pool.states())
                .extracting(BackendState::backend, BackendState::status, BackendState::reason)
                .containsExactly(tuple(A, BackendStatus.UP, "back"), tuple(B, BackendStatus.UP, "not checked yet"));
        assertThat(pool.state("a").passedChecks()).isEqualTo(1);
        assertThat(pool.state("a").failedChecks()).isZero();
    }

    @Test
    void states_since_isWhenTheStatusBegan() {
        TestPool pool = pool(BackendSelector.roundRobin());
        pool.control.advance(Duration.ofMinutes(7));
        pool.down("a");
        pool.control.advance(Duration.ofMinutes(5));
        pool.check("a", false, "still refused");
        Duration down = Duration.between(pool.state("a").since(), Instant.now());
        Duration up = Duration.between(pool.state("b").since(), Instant.now());
        assertThat(up.minus(down))
                .isBetween(
                        Duration.ofMinutes(7).minusSeconds(5),
                        Duration.ofMinutes(7).plusSeconds(5));
        assertThat(down).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
    }

    @Test
    void checked_listenerThrows_theStatusHasChangedAllTheSame() { // E8
        ManualClock clock = ManualClock.create();
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void backendStatusChanged(BackendStatusChanged event) {
                throw new AssertionError("thrown on purpose");
            }
        };
        ManualControl control = new ManualControl(clock);
        BackendPool pool = new BackendPool(
                PoolRules.of(BackendSelector.roundRobin()),
                new Announcer("test", List.of(listener), control, clock),
                new BackendPool.Surroundings(control, clock, () -> 0));
        pool.begin(new NoHooks(), List.of(A, B), Health.unchecked(true, ""));
        pool.checked(pool.places().get(0), Health.unchecked(false, "refused"));
        assertThat(pool.states().get(0).status()).isEqualTo(BackendStatus.DOWN);
    }

    @Test
    void whenNoneHealthy_tryAll_offersAllThatAnOperatorDidNotTakeOut() {
        PoolRules settings = PoolRules.of(BackendSelector.roundRobin()).with(NoneHealthy.TRY_ALL);
        TestPool pool = new TestPool(
                settings, A, B, TestPool.backend("c"), TestPool.backend("d").withWeight(0));
        pool.down("a");
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 2, "c", 2));
        pool.down("b");
        pool.down("c");
        pool.admin.disable("c");
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 2, "b", 2));
        pool.up("b");
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 4));
    }

    @Test
    void down_whileAnotherOneIsUp_hasAttemptsGivenUp() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), A, B);
        for (int i = 0; i < 2; i++) {
            pool.connect(i);
        }
        pool.down("a");
        pool.down("a");
        assertThat(pool.givenUp).containsExactly("a");
        pool.down("b");
        assertThat(pool.givenUp).as("b is all there is").containsExactly("a");
    }

    @Test
    void onDown_close_abortsItsConnectionsOnceAndNobodyElses() {
        TestPool pool = new TestPool(PoolRules.of(BackendSelector.roundRobin()).with(OnDown.CLOSE), A, B);
        for (int i = 0; i < 4; i++) {
            pool.connect(i);
        }
        pool.down("a");
        pool.down("a");
        assertThat(pool.aborted).containsExactly("a BACKEND_DOWN");
        assertThat(pool.open).hasSize(2).allMatch(route -> TestPool.id(route).equals("b"));
    }

    @Test
    void onDown_closeWithoutMemoryToAbort_abortsWithinASecond() {
        TestPool pool = new TestPool(PoolRules.of(BackendSelector.roundRobin()).with(OnDown.CLOSE), A, B);
        for (int i = 0; i < 4; i++) {
            pool.connect(i);
        }
        pool.failingAborts = 1;
        assertThatThrownBy(() -> pool.down("a")).isInstanceOf(OutOfMemoryError.class);
        assertThat(pool.aborted).isEmpty();
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(pool.open).hasSize(2).allMatch(route -> TestPool.id(route).equals("b"));
        pool.control.advance(Duration.ofSeconds(5));
        assertThat(pool.aborted).as("and no more than that").containsExactly("a BACKEND_DOWN");
    }

    @Test
    void onDown_closeWhileNobodyElseIsUp_abortsWhenSomebodyIs() {
        TestPool pool = new TestPool(PoolRules.of(BackendSelector.roundRobin()).with(OnDown.CLOSE), A, B);
        pool.down("a");
        assertThat(pool.aborted).containsExactly("a BACKEND_DOWN");
        pool.down("b");
        assertThat(pool.aborted).as("nobody to go to").hasSize(1);
        pool.up("a");
        assertThat(pool.aborted).containsExactly("a BACKEND_DOWN", "b BACKEND_DOWN");
    }

    @Test
    void onDown_keep_abortsNothing() {
        TestPool pool = pool(BackendSelector.roundRobin());
        pool.connect(1);
        pool.down("a");
        assertThat(pool.aborted).isEmpty();
    }

    @Test
    void stats_followTheAttemptsAndOutliveADownBackend() {
        TestPool pool = pool((candidates, connection) -> candidates.get(0));
        Route route = pool.pool.next(CLIENT, List.of());
        assertThat(route).isNotNull();
        assertThat(pool.pool.stats().get("a").active()).isEqualTo(1);
        route.connectFailed(new ConnectException("Connection refused"));
        route.released();
        assertThat(pool.pool.next(CLIENT, List.of())).isSameAs(route);
        route.connected(200_000);
        route.ended(CloseReason.CLIENT_RESET, Party.CLIENT, 10, 20);
        route.released();
        pool.down("a");
        BackendStats stats = pool.pool.stats().get("a");
        assertThat(stats.active()).isZero();
        assertThat(stats.attempts()).isEqualTo(2);
        assertThat(stats.connections()).isEqualTo(1);
        assertThat(stats.connectTimes().counts().get(1)).isEqualTo(1);
        assertThat(stats.connectFailures().get(ConnectFailure.REFUSED)).isEqualTo(1);
        assertThat(stats.connectFailuresTotal()).isEqualTo(1);
        assertThat(stats.closed(CloseReason.CLIENT_RESET)).isEqualTo(1);
        assertThat(stats.closedTotal()).isEqualTo(1);
        assertThat(stats.bytesToBackend()).isEqualTo(10);
        assertThat(stats.bytesToClient()).isEqualTo(20);
        assertThat(pool.pool.stats().keySet()).containsExactly("a", "b");
    }

    private static TestPool pool(BackendSelector selector) {
        return TestPool.of(selector, A, B);
    }
}
