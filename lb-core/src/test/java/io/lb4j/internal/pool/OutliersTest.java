package io.lb4j.internal.pool;

import static io.lb4j.backend.BackendStatus.DOWN;
import static io.lb4j.backend.BackendStatus.EJECTED;
import static io.lb4j.backend.BackendStatus.UP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lb4j.backend.Backend;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When backends are ejected and for how long. There is no jitter here: chance is the middle of its range. */
class OutliersTest {
    private static final Duration MOMENT = Duration.ofNanos(1);
    private static final Duration FIRST = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofSeconds(300);

    private final TestPool pool = pool(OutlierPolicy.builder().build(), "a", "b", "c", "d");

    @Test
    void connects_fiveFailInARow_ejectForThirtySecondsExactly() {
        fail("a", 4);
        assertThat(pool.status("a")).isEqualTo(UP);
        fail("a", 1);
        assertThat(pool.status("a")).isEqualTo(EJECTED);
        assertThat(pool.state("a").reason()).isEqualTo("for 30 s after 5 failed connects in a row (refused)");
        assertThat(pool.counts(30)).doesNotContainKey("a").hasSize(3);
        pool.control.advance(FIRST.minus(MOMENT));
        assertThat(pool.status("a")).isEqualTo(EJECTED);
        pool.control.advance(MOMENT);
        assertThat(pool.status("a")).isEqualTo(UP);
        assertThat(pool.counts(40)).containsEntry("a", 10);
        assertThat(pool.events)
                .extracting(BackendStatusChanged::from, BackendStatusChanged::to)
                .containsExactly(tuple(UP, EJECTED), tuple(EJECTED, UP));
    }

    @Test
    void ejection_hasAttemptsUnderWayGivenUp() {
        pool.connect(0);
        String first = TestPool.id(pool.open.get(0));
        fail(first, 5);
        assertThat(pool.givenUp).containsExactly(first);
    }

    @Test
    void connects_aSuccessInBetween_beginsAnew() {
        fail("a", 4);
        route("a").connected(1000);
        fail("a", 4);
        assertThat(pool.status("a")).isEqualTo(UP);
        fail("a", 1);
        assertThat(pool.status("a")).isEqualTo(EJECTED);
    }

    @Test
    void everyFailure_castsDoubt() {
        fail("a", 2);
        fail("b", 1);
        assertThat(pool.doubted).containsExactly("a", "a", "b");
    }

    @Test
    void ejection_whoseEndCouldNotBeScheduled_endsAllTheSame() {
        route("a").connected(1000);
        pool.control.outOfMemory(true);
        assertThatThrownBy(() -> fail("a", 5)).isInstanceOf(OutOfMemoryError.class);
        pool.control.outOfMemory(false);
        assertThat(pool.status("a")).isEqualTo(EJECTED);
        pool.control.advance(FIRST.minus(MOMENT));
        assertThat(pool.status("a")).isEqualTo(EJECTED);
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(pool.status("a")).isEqualTo(UP);
    }

    @Test
    void ejections_inASeries_getLongerUpToTheLongest() {
        for (int n = 1; n <= 12; n++) {
            fail("a", 5);
            Duration time = FIRST.multipliedBy(n).compareTo(LONGEST) < 0 ? FIRST.multipliedBy(n) : LONGEST;
            pool.control.advance(time.minus(MOMENT));
            assertThat(pool.status("a")).as("ejection " + n).isEqualTo(EJECTED);
            pool.control.advance(MOMENT);
            assertThat(pool.status("a")).as("ejection " + n).isEqualTo(UP);
        }
    }

    @Test
    void ejections_longAgo_areForgotten() {
        fail("a", 5);
        pool.control.advance(FIRST);
        pool.control.advance(LONGEST.minus(MOMENT));
        fail("a", 5);
        pool.control.advance(FIRST);
        assertThat(pool.status("a")).as("the second of a series").isEqualTo(EJECTED);
        pool.control.advance(FIRST);
        pool.control.advance(LONGEST);
        fail("a", 5);
        pool.control.advance(FIRST);
        assertThat(pool.status("a")).as("the first of a new one").isEqualTo(UP);
    }

    @Test
    void check_thatPasses_endsTheEjection() {
        fail("a", 5);
        pool.up("a");
        assertThat(pool.status("a")).isEqualTo(UP);
        fail("a", 4);
        assertThat(pool.status("a")).as("the failures before it count no more").isEqualTo(UP);
        pool.control.advance(LONGEST);
        assertThat(pool.events).as("the old end does not come").hasSize(2);
    }

    @Test
    void check_thatBeganBeforeTheEjectionAndPasses_doesNotEndIt() {
        long began = pool.clock.getAsLong();
        pool.control.advance(Duration.ofSeconds(1));
        fail("a", 5);
        pool.control.advance(Duration.ofSeconds(1));
        pool.check("a", true, "back", began);
        assertThat(pool.status("a")).as("what it saw is older").isEqualTo(EJECTED);
        pool.up("a");
        assertThat(pool.status("a")).as("and the next one is newer").isEqualTo(UP);
    }

    @Test
    void check_thatFails_makesItDownWhenTheEjectionIsOver() {
        fail("a", 5);
        pool.down("a");
        assertThat(pool.status("a")).isEqualTo(EJECTED);
        pool.control.advance(FIRST);
        assertThat(pool.status("a")).isEqualTo(DOWN);
    }

    @Test
    void ejections_moreThanHalf_areNotMade() {
        fail("a", 5);
        fail("b", 5);
        fail("c", 50);
        assertThat(List.of(pool.status("a"), pool.status("b"), pool.status("c"), pool.status("d")))
                .containsExactly(EJECTED, EJECTED, UP, UP);
        pool.control.advance(FIRST);
        fail("c", 5);
        assertThat(pool.status("c")).as("there is room again").isEqualTo(EJECTED);
    }

    @Test
    void lastEligible_isNeverEjected() {
        TestPool greedy = pool(OutlierPolicy.builder().maxEjectedPercent(100).build(), "a", "b", "c");
        greedy.down("c");
        fail(greedy, "a", 5);
        fail(greedy, "b", 50);
        assertThat(greedy.status("a")).isEqualTo(EJECTED);
        assertThat(greedy.status("b")).isEqualTo(UP);
    }

    @Test
    void onlyBackend_isNeverEjected() {
        TestPool alone = pool(OutlierPolicy.builder().build(), "a");
        fail(alone, "a", 50);
        assertThat(alone.status("a")).isEqualTo(UP);
    }

    @Test
    void earlyResets_asked_ejectAndAPassingCheckDoesNotHelp() {
        TestPool resets = pool(OutlierPolicy.builder().countEarlyResets().build(), "a", "b");
        for (int i = 0; i < 5; i++) {
            resetEarly(resets, "a");
        }
        assertThat(resets.status("a")).isEqualTo(EJECTED);
        assertThat(resets.state("a").reason())
                .isEqualTo("for 30 s after 5 connections in a row reset before the first byte");
        resets.up("a");
        assertThat(resets.status("a")).isEqualTo(EJECTED);
        resets.control.advance(FIRST);
        assertThat(resets.status("a")).isEqualTo(UP);
    }

    @Test
    void earlyResets_aConnectionThatWasServedInBetween_beginsAnew() {
        TestPool resets = pool(OutlierPolicy.builder().countEarlyResets().build(), "a", "b");
        for (int i = 0; i < 20; i++) {
            resetEarly(resets, "a");
            if (i % 4 == 3) {
                Route served = route(resets, "a");
                served.connected(1);
                served.ended(CloseReason.COMPLETED, Party.BACKEND, 10, 10);
                served.released();
            }
        }
        assertThat(resets.status("a")).isEqualTo(UP);
    }

    @Test
    void earlyResets_byDefault_areNoFailures() {
        for (int i = 0; i < 50; i++) {
            resetEarly(pool, "a");
        }
        assertThat(pool.status("a")).isEqualTo(UP);
    }

    @Test
    void lastOnes_asManyAsHaveToBeUp_areNotEjected() {
        PoolRules settings = PoolRules.of(BackendSelector.roundRobin()).with(new MinimumHealthy(2, 0));
        TestPool three = new TestPool(settings, TestPool.backend("a"), TestPool.backend("b"), TestPool.backend("c"));
        fail(three, "a", 5);
        fail(three, "b", 5);
        assertThat(three.status("a")).isEqualTo(EJECTED);
        assertThat(three.status("b")).isEqualTo(UP);
    }

    @Test
    void earlyEnds_thatTheBackendBegan_ejectWhereTheyCount() {
        TestPool ends = pool(OutlierPolicy.builder().countEarlyEnds().build(), "a", "b");
        for (int i = 0; i < 5; i++) {
            end(ends, "a", CloseReason.COMPLETED, Party.CLIENT, 0);
            end(ends, "a", CloseReason.IDLE_TIMEOUT, Party.BALANCER, 0);
        }
        assertThat(ends.status("a")).as("the client ended first, or nobody").isEqualTo(UP);
        for (int i = 0; i < 4; i++) {
            end(ends, "a", CloseReason.COMPLETED, Party.BACKEND, 0);
        }
        end(ends, "a", CloseReason.COMPLETED, Party.BACKEND, 1);
        assertThat(ends.status("a")).as("one was answered").isEqualTo(UP);
        for (int i = 0; i < 2; i++) {
            end(ends, "a", CloseReason.COMPLETED, Party.BACKEND, 0);
            end(ends, "a", CloseReason.BACKEND_RESET, Party.BACKEND, 0);
        }
        assertThat(ends.status("a")).isEqualTo(UP);
        end(ends, "a", CloseReason.HALF_CLOSED_TIMEOUT, Party.BACKEND, 0);
        assertThat(ends.status("a")).isEqualTo(EJECTED);
        assertThat(ends.state("a").reason())
                .isEqualTo("for 30 s after 5 connections in a row ended before the first byte");
        ends.up("a");
        assertThat(ends.status("a")).as("most checks cannot see it").isEqualTo(EJECTED);
    }

    @Test
    void earlyEnds_byDefault_areNoFailures() {
        for (int i = 0; i < 50; i++) {
            end(pool, "a", CloseReason.COMPLETED, Party.BACKEND, 0);
        }
        assertThat(pool.status("a")).isEqualTo(UP);
    }

    private static void end(TestPool pool, String id, CloseReason reason, Party first, long toClient) {
        Route route = route(pool, id);
        ((PooledBackend) route).reserve();
        route.connected(1);
        route.ended(reason, first, 10, toClient);
        route.released();
    }

    @Test
    void noPolicy_nobodyIsEjected() {
        TestPool calm = new TestPool(
                PoolRules.of(BackendSelector.roundRobin()).withOutliers(null),
                TestPool.backend("a"),
                TestPool.backend("b"));
        fail(calm, "a", 50);
        assertThat(calm.status("a")).isEqualTo(UP);
        assertThat(calm.doubted).hasSize(50);
    }

    @Test
    void ejected_removedAndAddedAgain_isANewOne() {
        fail("a", 5);
        pool.admin.remove("a", null);
        pool.admin.add(TestPool.backend("a"));
        assertThat(pool.status("a")).isEqualTo(UP);
        fail("a", 5);
        assertThat(pool.state("a").reason()).startsWith("for 30 s");
        pool.control.advance(FIRST.dividedBy(2));
        assertThat(pool.status("a")).isEqualTo(EJECTED);
    }

    private void fail(String id, int times) {
        fail(pool, id, times);
    }

    private static void fail(TestPool pool, String id, int times) {
        Route route = route(pool, id);
        for (int i = 0; i < times; i++) {
            route.connectFailed(new ConnectException("refused"));
        }
    }

    private static void resetEarly(TestPool pool, String id) {
        Route route = route(pool, id);
        ((PooledBackend) route).reserve();
        route.connected(1);
        route.ended(CloseReason.BACKEND_RESET, Party.BACKEND, 10, 0);
        route.released();
    }

    private Route route(String id) {
        return route(pool, id);
    }

    private static Route route(TestPool pool, String id) {
        return pool.member(id).place();
    }

    private static TestPool pool(OutlierPolicy policy, String... ids) {
        Backend[] backends = List.of(ids).stream().map(TestPool::backend).toArray(Backend[]::new);
        return new TestPool(PoolRules.of(BackendSelector.roundRobin()).withOutliers(policy), backends);
    }
}
