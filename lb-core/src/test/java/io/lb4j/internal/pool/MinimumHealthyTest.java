package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.CheckAnswer;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.internal.health.Health;
import io.lb4j.selection.BackendSelector;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MinimumHealthyTest {
    private static final Backend[] FOUR =
            Stream.of("a", "b", "c", "d").map(TestPool::backend).toArray(Backend[]::new);

    private static PoolRules settings(NoneHealthy choice, int backends, int percent) {
        return PoolRules.of(BackendSelector.roundRobin())
                .withQueue(null)
                .with(choice)
                .with(new MinimumHealthy(backends, percent));
    }

    @Test
    void of_whoAsksForMoreHolds_andPercentsAreRoundedUp() {
        assertThat(MinimumHealthy.ONE.of(0)).isEqualTo(1);
        assertThat(MinimumHealthy.ONE.of(10_000)).isEqualTo(1);
        assertThat(new MinimumHealthy(2, 50).of(3)).isEqualTo(2);
        assertThat(new MinimumHealthy(2, 50).of(5)).isEqualTo(3);
        assertThat(new MinimumHealthy(1, 100).of(7)).isEqualTo(7);
        assertThat(new MinimumHealthy(1, 1).of(10_000)).isEqualTo(100);
    }

    @Test
    void tryAll_belowTheMinimum_allAreTriedThatAnOperatorDidNotTakeOut() {
        TestPool pool = new TestPool(settings(NoneHealthy.TRY_ALL, 1, 50), FOUR);
        pool.down("a");
        pool.down("b");
        assertThat(pool.counts(12)).containsOnlyKeys("c", "d");
        pool.down("c");
        assertThat(pool.counts(12)).containsOnlyKeys("a", "b", "c", "d");
        pool.admin.disable("a");
        assertThat(pool.counts(12)).as("one of three is below a half").containsOnlyKeys("b", "c", "d");
        pool.admin.disable("b");
        assertThat(pool.counts(12)).as("one of two is a half").containsOnlyKeys("d");
    }

    /** Those that are tried although they are DOWN keep what they were given; who is DOWN loses it when there are enough. */
    @Test
    void tryAll_onDownClose_closesNobodyWhileAllAreTried() {
        TestPool pool = new TestPool(settings(NoneHealthy.TRY_ALL, 2, 0).with(OnDown.CLOSE), FOUR);
        pool.down("a");
        pool.down("b");
        assertThat(pool.aborted).containsExactly("a BACKEND_DOWN", "b BACKEND_DOWN");
        pool.aborted.clear();
        pool.down("c");
        for (int i = 0; i < 8; i++) {
            pool.connect(i);
        }
        assertThat(pool.open).extracting(route -> route.backend().id()).contains("a", "b", "c", "d");
        pool.control.advance(Duration.ofSeconds(3));
        assertThat(pool.aborted).isEmpty();
        pool.up("c");
        assertThat(pool.aborted).containsExactlyInAnyOrder("a BACKEND_DOWN", "b BACKEND_DOWN");
    }

    @Test
    void close_belowTheMinimum_nobodyIsOfferedThoughSomeAreUp() {
        TestPool pool = new TestPool(settings(NoneHealthy.CLOSE, 3, 0), FOUR);
        pool.down("a");
        assertThat(pool.counts(9)).containsOnlyKeys("b", "c", "d");
        pool.down("b");
        assertThat(pool.connect(1)).isNull();
        assertThat(pool.status("c")).isEqualTo(BackendStatus.UP);
        pool.up("a");
        assertThat(pool.counts(9)).containsOnlyKeys("a", "c", "d");
        assertThat(pool.listening).as("the port stays as it is").doesNotContain(false);
    }

    @Test
    void stopListening_whileTooFewAreUp_thePortIsClosed() {
        TestPool pool = new TestPool(settings(NoneHealthy.STOP_LISTENING, 1, 0), FOUR);
        Stream.of("a", "b", "c").forEach(pool::down);
        assertThat(pool.listening).doesNotContain(false);
        pool.listening.clear();
        pool.down("d");
        assertThat(pool.listening).containsExactly(false);
        pool.up("b");
        assertThat(pool.listening).containsExactly(false, true);
        pool.down("b");
        pool.pool.settings(settings(NoneHealthy.CLOSE, 1, 0));
        assertThat(pool.listening).containsExactly(false, true, false, true);
    }

    @Test
    void stopListening_whoCameBefore_getsWhoIsUp() {
        TestPool pool = new TestPool(settings(NoneHealthy.STOP_LISTENING, 1, 75), FOUR);
        pool.down("a");
        pool.down("b");
        assertThat(pool.listening).endsWith(false);
        assertThat(pool.counts(6)).containsOnlyKeys("c", "d");
    }

    @Test
    void stopListening_theAudit_saysWhatIsWantedOnceMore() {
        TestPool pool = new TestPool(settings(NoneHealthy.STOP_LISTENING, 1, 0), FOUR);
        Stream.of("a", "b", "c", "d").forEach(pool::down);
        pool.listening.clear();
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(pool.listening).containsExactly(false);
    }

    /** They are tried while no other one can be chosen, so that the first list of a discovery serves at once. */
    @Test
    void stopListening_newBackendsThatAreNotCheckedYet_keepItOpen() {
        TestPool pool = TestPool.checking(
                settings(NoneHealthy.STOP_LISTENING, 1, 0), Health.unchecked(true, "not checked yet"), FOUR[0]);
        pool.down("a");
        assertThat(pool.pool.isOpen()).isFalse();
        pool.admin.add(FOUR[1]);
        assertThat(pool.pool.isOpen()).isTrue();
        pool.down("b");
        assertThat(pool.pool.isOpen()).isFalse();
    }

    // ---- what a check answers

    @Test
    void answer_aWeight_isThatPartOfTheConfiguredOne() {
        TestPool pool =
                TestPool.of(BackendSelector.roundRobin(), TestPool.backend("a").withWeight(2), TestPool.backend("b"));
        assertThat(pool.counts(300)).containsEntry("a", 200).containsEntry("b", 100);
        pool.answer("a", CheckAnswer.weight(25));
        assertThat(pool.counts(300)).containsEntry("a", 100).containsEntry("b", 200);
        assertThat(pool.state("a").weightPercent()).isEqualTo(25);
        pool.answer("a", CheckAnswer.weight(0));
        assertThat(pool.counts(10)).containsOnlyKeys("b");
        assertThat(pool.status("a")).isEqualTo(BackendStatus.UP);
        pool.answer("a", CheckAnswer.HEALTHY);
        assertThat(pool.counts(300)).containsEntry("a", 200).containsEntry("b", 100);
        assertThat(pool.state("a").weightPercent()).isEqualTo(100);
    }

    @Test
    void answer_oneCheckThatFailsButDoesNotCountYet_leavesTheWeight() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), TestPool.backend("a"), TestPool.backend("b"));
        pool.answer("a", CheckAnswer.weight(50));
        assertThat(pool.counts(300)).containsEntry("a", 100).containsEntry("b", 200);
        pool.admin.weight("b", 2);
        assertThat(pool.counts(500)).containsEntry("a", 100).containsEntry("b", 400);
    }

    @Test
    void answer_draining_getsNoNewConnectionAndKeepsTheOldOnes() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), TestPool.backend("a"), TestPool.backend("b"));
        pool.connectToA(1);
        pool.answer("a", CheckAnswer.DRAINING);
        assertThat(pool.status("a")).isEqualTo(BackendStatus.DRAINING);
        assertThat(pool.state("a").reason()).isEqualTo("its check says that it drains");
        assertThat(pool.counts(4)).containsOnlyKeys("b");
        assertThat(pool.open).hasSize(1);
        assertThat(pool.aborted).isEmpty();
        assertThat(pool.events).extracting(event -> event.to()).containsExactly(BackendStatus.DRAINING);
        pool.answer("a", CheckAnswer.HEALTHY);
        assertThat(pool.status("a")).isEqualTo(BackendStatus.UP);
    }

    @Test
    void answer_draining_isNotTriedWhenAllAre() {
        TestPool pool = new TestPool(settings(NoneHealthy.TRY_ALL, 1, 0), FOUR[0], FOUR[1]);
        pool.answer("a", CheckAnswer.DRAINING);
        pool.down("b");
        assertThat(pool.counts(4)).containsOnlyKeys("b");
    }
}
