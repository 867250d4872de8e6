package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnRecovery;
import io.lb4j.internal.health.Health;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import io.lb4j.selection.ClientConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {
    private static final Backend PRIMARY = TestPool.backend("primary");
    private static final Backend RESERVE = TestPool.backend("reserve");

    /** Two ways to say which of two is preferred. */
    enum Preference {
        FIRST {
            @Override
            TestPool pool(OnRecovery onRecovery) {
                return new TestPool(settings(BackendSelector.first(), onRecovery), PRIMARY, RESERVE);
            }
        },
        PRIORITIES {
            @Override
            TestPool pool(OnRecovery onRecovery) {
                return new TestPool(
                        settings(BackendSelector.roundRobin(), onRecovery), RESERVE.withPriority(1), PRIMARY);
            }
        };

        abstract TestPool pool(OnRecovery onRecovery);
    }

    private static PoolRules settings(BackendSelector selector, OnRecovery onRecovery) {
        return PoolRules.of(selector).withQueue(null).with(onRecovery);
    }

    private static String id(Route route) {
        return Objects.requireNonNull(route).backend().id();
    }

    @ParameterizedTest
    @EnumSource
    void keep_thePreferredOneComesBack_getsTheNewOnesAndNobodyIsClosed(Preference preference) {
        TestPool pool = preference.pool(OnRecovery.KEEP);
        pool.down("primary");
        assertThat(id(pool.connect(1))).isEqualTo("reserve");
        pool.up("primary");
        assertThat(id(pool.connect(2))).isEqualTo("primary");
        assertThat(pool.aborted).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void closeLowerTiers_thePreferredOneComesBack_nobodyStaysOnTheReserve(Preference preference) {
        TestPool pool = preference.pool(OnRecovery.CLOSE_LOWER_TIERS);
        pool.connect(0);
        pool.down("primary");
        pool.connect(1);
        pool.connect(2);
        pool.up("primary");
        assertThat(pool.aborted).containsExactly("reserve " + CloseReason.FAIL_BACK);
        assertThat(pool.open).extracting(RecoveryTest::id).containsExactly("primary");
        assertThat(id(pool.connect(3))).isEqualTo("primary");
    }

    @Test
    void closeLowerTiers_checksThatPassOnAndOn_closeNothing() {
        TestPool pool = new TestPool(
                settings(BackendSelector.first(), OnRecovery.CLOSE_LOWER_TIERS),
                PRIMARY.withMaxConnections(1),
                RESERVE);
        pool.connect(1);
        assertThat(id(pool.connect(2))).as("the first one is full").isEqualTo("reserve");
        pool.up("primary");
        pool.up("reserve");
        pool.admin.add(TestPool.backend("third"));
        pool.down("third");
        pool.up("third");
        assertThat(pool.aborted).isEmpty();
    }

    @Test
    void closeLowerTiers_aLowerOneComesBackWhileNobodyIs_closesWhatIsLowerStill() {
        TestPool pool = new TestPool(
                settings(BackendSelector.roundRobin(), OnRecovery.CLOSE_LOWER_TIERS),
                TestPool.backend("a"),
                TestPool.backend("b").withPriority(1),
                TestPool.backend("c").withPriority(2));
        pool.down("a");
        pool.down("b");
        assertThat(id(pool.connect(1))).isEqualTo("c");
        pool.down("c");
        pool.up("b");
        assertThat(pool.aborted).containsExactly("c " + CloseReason.FAIL_BACK);
    }

    @Test
    void closeLowerTiers_noMemoryAtThatMoment_theAuditClosesThem() {
        TestPool pool = Preference.FIRST.pool(OnRecovery.CLOSE_LOWER_TIERS);
        pool.down("primary");
        pool.connect(1);
        pool.failingAborts = 1;
        pool.connect(2);
        pool.up("primary");
        assertThat(pool.aborted).isEmpty();
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(pool.aborted).containsExactly("reserve " + CloseReason.FAIL_BACK);
        pool.control.advance(Duration.ofSeconds(3));
        assertThat(pool.aborted).hasSize(1);
    }

    @Test
    void closeLowerTiers_allAreTried_nobodyHasRecoveredWhenAnotherOneFails() {
        TestPool pool = new TestPool(
                settings(BackendSelector.roundRobin(), OnRecovery.CLOSE_LOWER_TIERS)
                        .with(NoneHealthy.TRY_ALL)
                        .with(new MinimumHealthy(2, 0)),
                TestPool.backend("p1"),
                TestPool.backend("p2"),
                TestPool.backend("r1").withPriority(1),
                TestPool.backend("r2").withPriority(1));
        pool.down("p1");
        pool.down("p2");
        pool.connect(1);
        pool.connect(2);
        assertThat(pool.open).extracting(RecoveryTest::id).containsExactlyInAnyOrder("r1", "r2");
        pool.down("r1");
        pool.up("r1");
        assertThat(pool.aborted).isEmpty();
        pool.down("r1");
        pool.down("r2");
        assertThat(pool.aborted).isEmpty();
        pool.up("p1");
        pool.up("p2");
        assertThat(pool.aborted)
                .containsExactlyInAnyOrder("r1 " + CloseReason.FAIL_BACK, "r2 " + CloseReason.FAIL_BACK);
    }

    @Test
    void closeLowerTiers_first_anotherList_leavesThoseThatLeaveTheirGrace() {
        TestPool pool = TestPool.checking(
                settings(BackendSelector.first(), OnRecovery.CLOSE_LOWER_TIERS),
                Health.unchecked(true, "not checked yet"),
                TestPool.backend("blue"),
                TestPool.backend("red"));
        pool.connect(1);
        pool.admin.replaceAll(List.of(TestPool.backend("red"), TestPool.backend("blue")), null);
        assertThat(pool.aborted).as("the same in another order").isEmpty();
        pool.admin.replaceAll(List.of(TestPool.backend("green")), Duration.ofMinutes(5));
        pool.up("green");
        assertThat(pool.aborted).as("within the grace").isEmpty();
        assertThat(pool.open).hasSize(1);
    }

    /** A selector that lets something happen while it chooses. */
    private static final class Choosing implements BackendSelector {
        private Runnable meanwhile = () -> {};

        @Override
        public Candidate select(Candidates candidates, ClientConnection connection) {
            Runnable once = meanwhile;
            meanwhile = () -> {};
            once.run();
            return candidates.get(0);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = OnRecovery.class,
            names = {"CLOSE_LOWER_TIERS", "STAY"})
    void choice_madeWhileAnotherOneTakesOver_isMadeOnceMore(OnRecovery onRecovery) {
        Choosing selector = new Choosing();
        TestPool pool = new TestPool(settings(selector, onRecovery), PRIMARY, RESERVE.withPriority(1));
        pool.down("primary");
        selector.meanwhile = () -> {
            pool.up("primary");
            pool.down("reserve");
        };
        assertThat(id(pool.connect(1))).isEqualTo("primary");
        assertThat(pool.state("reserve").activeConnections()).isZero();
        assertThat(Objects.requireNonNull(pool.pool.stats().get("reserve")).attempts())
                .isZero();
    }

    @ParameterizedTest
    @EnumSource
    void stay_thePreferredOneComesBack_whoTookOverKeepsThemUntilItFails(Preference preference) {
        TestPool pool = preference.pool(OnRecovery.STAY);
        assertThat(id(pool.connect(0))).isEqualTo("primary");
        pool.down("primary");
        assertThat(id(pool.connect(1))).isEqualTo("reserve");
        pool.up("primary");
        assertThat(id(pool.connect(2))).isEqualTo("reserve");
        pool.down("reserve");
        assertThat(id(pool.connect(3))).isEqualTo("primary");
        pool.up("reserve");
        assertThat(id(pool.connect(4))).isEqualTo("primary");
        assertThat(pool.aborted).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void stay_nobodyIsUpForAWhile_whoComesFirstHasThem(Preference preference) {
        TestPool pool = preference.pool(OnRecovery.STAY);
        pool.down("reserve");
        pool.down("primary");
        assertThat(pool.connect(1)).isNull();
        pool.up("reserve");
        pool.up("primary");
        assertThat(id(pool.connect(2))).isEqualTo("reserve");
    }

    @ParameterizedTest
    @EnumSource
    void stay_theOneInChargeIsDisabledDrainedOrRemoved_theNextTakesOver(Preference preference) {
        for (String act : List.of("disable", "drain", "remove")) {
            TestPool pool = preference.pool(OnRecovery.STAY);
            pool.connect(1);
            switch (act) {
                case "disable" -> pool.admin.disable("primary");
                case "drain" -> pool.admin.drain("primary", null);
                default -> pool.admin.remove("primary", null);
            }
            assertThat(id(pool.connect(2))).as(act).isEqualTo("reserve");
            assertThat(pool.givenUp).as(act).containsExactly("primary");
            if (!act.equals("remove")) {
                pool.admin.enable("primary");
                assertThat(id(pool.connect(3))).as(act).isEqualTo("reserve");
            }
        }
    }

    @Test
    void stay_theOneInChargeIsFullOrRefused_nobodyElseIsOffered() {
        TestPool pool = new TestPool(
                settings(BackendSelector.first(), OnRecovery.STAY), PRIMARY.withMaxConnections(1), RESERVE);
        Route only = Objects.requireNonNull(pool.connect(1));
        assertThat(pool.connect(2)).isNull();
        assertThat(pool.pool.next(TestClient.of(3), List.of(only))).isNull();
    }

    @Test
    void stay_aTierOfSeveral_isInChargeTogether() {
        TestPool pool = new TestPool(
                settings(BackendSelector.roundRobin(), OnRecovery.STAY),
                TestPool.backend("a"),
                TestPool.backend("b"),
                TestPool.backend("c").withPriority(1),
                TestPool.backend("d").withPriority(1));
        pool.down("a");
        assertThat(pool.counts(4)).containsOnlyKeys("b");
        pool.down("b");
        pool.up("a");
        pool.up("b");
        assertThat(pool.counts(4)).as("a came back only when c and d had them").containsOnlyKeys("c", "d");
        pool.down("c");
        assertThat(pool.counts(4)).containsOnlyKeys("d");
        pool.up("c");
        assertThat(pool.counts(4)).containsOnlyKeys("c", "d");
    }

    @Test
    void reconfigured_fromStayToKeep_goesToThePreferredOne() {
        TestPool pool = Preference.FIRST.pool(OnRecovery.STAY);
        pool.down("primary");
        pool.up("primary");
        assertThat(id(pool.connect(1))).isEqualTo("reserve");
        pool.pool.settings(settings(BackendSelector.first(), OnRecovery.KEEP));
        assertThat(id(pool.connect(2))).isEqualTo("primary");
    }

    @Test
    void reconfigured_toAnotherSelectorAndBack_theTierOrOneOfItIsInCharge() {
        TestPool pool = new TestPool(
                settings(BackendSelector.first(), OnRecovery.STAY),
                TestPool.backend("a"),
                TestPool.backend("b"),
                TestPool.backend("c").withPriority(1));
        pool.down("a");
        pool.up("a");
        assertThat(pool.counts(4)).containsOnlyKeys("b");
        pool.pool.settings(settings(BackendSelector.roundRobin(), OnRecovery.STAY));
        assertThat(pool.counts(4)).containsOnlyKeys("a", "b");
        pool.pool.settings(settings(BackendSelector.first(), OnRecovery.STAY));
        assertThat(pool.counts(4)).containsOnlyKeys("a");
    }

    /** Experiment E18, E19: whatever flaps, connections change over only from one who could not be chosen any more. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void stay_whateverFlaps_neverTwoThatTakeConnections(long seed) {
        Random random = new Random(seed);
        List<String> ids = List.of("a", "b", "c", "d");
        boolean ordered = random.nextBoolean();
        TestPool pool = new TestPool(
                settings(ordered ? BackendSelector.first() : BackendSelector.leastConnections(), OnRecovery.STAY),
                ids.stream()
                        .map(id -> TestPool.backend(id).withPriority(ordered ? 0 : ids.indexOf(id)))
                        .toArray(Backend[]::new));
        List<String> log = new ArrayList<>();
        String inCharge = null;
        boolean hasFailed = true;
        for (int i = 0; i < 5_000; i++) {
            String id = ids.get(random.nextInt(ids.size()));
            int act = random.nextInt(8);
            log.add(id + " " + act);
            switch (act) {
                case 0, 1 -> pool.down(id);
                case 2, 3 -> pool.up(id);
                case 4 -> pool.admin.disable(id);
                case 5 -> pool.admin.enable(id);
                case 6 -> pool.admin.weight(id, random.nextInt(3));
                default -> pool.pool.settings(pool.pool.settings());
            }
            hasFailed |= inCharge == null || !pool.member(inCharge).isEligible();
            Route route = pool.connect(i);
            if (route != null) {
                String chosen = id(route);
                if (!chosen.equals(inCharge)) {
                    assertThat(hasFailed)
                            .as("seed %s: %s took over from %s, which had not failed: %s", seed, chosen, inCharge, log)
                            .isTrue();
                    inCharge = chosen;
                }
                hasFailed = false;
                pool.end(route);
            } else {
                boolean anybody = ids.stream().anyMatch(one -> pool.member(one).isEligible());
                assertThat(anybody)
                        .as("seed %s: nobody was chosen: %s", seed, log)
                        .isFalse();
            }
        }
        assertThat(inCharge).isNotNull();
    }
}
