package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.health.OnDown;
import io.lb4j.internal.health.Health;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Allocations;
import io.lb4j.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What changes of a very large pool cost: copies of arrays, and never a look at each for each. */
class PoolSizeTest {
    private static final int MANY = 10_000;

    /** A few arrays of references, numbers and sums. Maps and lists of objects take several times as much. */
    private static final long FEW_ARRAYS = 64L * MANY;

    private final TestPool pool = new TestPool(PoolRules.of(BackendSelector.roundRobin()), backends(MANY));

    @Test
    void status_goesUpAndDown_allocatesAFewArrays() {
        PooledBackend one = pool.member("b5000").place();
        assertThat(Allocations.each(20, () -> {
                            check(one, false);
                            check(one, true);
                        })
                        / 2)
                .isLessThan(FEW_ARRAYS);
    }

    @Test
    void addAndRemove_allocateAFewArrays() {
        Backend one = TestPool.backend("one");
        assertThat(Allocations.each(20, () -> {
                            pool.admin.add(one);
                            pool.admin.remove("one", null);
                        })
                        / 2)
                .isLessThan(FEW_ARRAYS);
    }

    @Test
    void lookUp_ofOne_allocatesNothingThatGrowsWithTheOthers() {
        assertThat(Allocations.each(
                        100, () -> assertThat(pool.pool.state("b9999").activeConnections())
                                .isZero()))
                .isLessThan(4096);
    }

    /** So many that comparing each with each would take minutes. */
    @Test
    void replaceAll_oneOfAHundredThousandChanges_comparesNotEachWithEach() {
        List<Backend> backends = new ArrayList<>(List.of(backends(10 * MANY)));
        pool.admin.replaceAll(backends);
        backends.set(77_777, TestPool.backend("another"));
        BackendChanges changes = pool.admin.replaceAll(backends);
        assertThat(changes.added()).extracting(Backend::id).containsExactly("another");
        assertThat(changes.removed()).extracting(Backend::id).containsExactly("b77777");
        assertThat(changes.kept()).hasSize(10 * MANY - 1);
        assertThat(pool.pool.states().get(77_777).backend().id()).isEqualTo("another");
    }

    /** Each at another time, so that a step of one of them is always due: not each pick may make it. */
    @Test
    void slowStart_veryManyWarmUp_notEachPickLooksAtAll() {
        ManualClock clock = ManualClock.create();
        PoolRules settings = PoolRules.of(BackendSelector.leastConnections()).withSlowStart(Duration.ofSeconds(30));
        TestPool warming = new TestPool(clock, settings, backends(1));
        for (int i = 1; i < 300; i++) {
            warming.admin.add(TestPool.backend("b" + i));
            clock.advance(Duration.ofMillis(1));
        }
        long versions = warming.pool.snapshotNow().candidates().version();
        for (int i = 0; i < 1000; i++) {
            clock.advance(Duration.ofNanos(3_000));
            warming.counts(1);
        }
        // 3 ms, one step for 0.3 ms.
        assertThat(warming.pool.snapshotNow().candidates().version() - versions).isLessThan(12);
    }

    /** All go down and come back one after the other: what each of them costs does not depend on how many are down. */
    @Test
    void onDownClose_allGoDownAndComeUp_eachIsClosedOnceAtMost() {
        int count = 500;
        TestPool closing =
                new TestPool(PoolRules.of(BackendSelector.roundRobin()).with(OnDown.CLOSE), backends(count));
        for (int i = 0; i < count; i++) {
            closing.down("b" + i);
        }
        assertThat(closing.aborted)
                .as("all but the last, after which nobody is up")
                .hasSize(count - 1);
        closing.aborted.clear();
        for (int i = 0; i < count; i++) {
            closing.up("b" + i);
        }
        assertThat(closing.aborted)
                .as("all that were down when the first one came up")
                .hasSize(count - 1);
    }

    private void check(PooledBackend backend, boolean passes) {
        pool.pool.checked(backend, Health.unchecked(passes, "test"));
    }

    private static Backend[] backends(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> TestPool.backend("b" + i))
                .toArray(Backend[]::new);
    }
}
