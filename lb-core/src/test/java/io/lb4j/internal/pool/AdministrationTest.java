package io.lb4j.internal.pool;

import static io.lb4j.backend.BackendStatus.DISABLED;
import static io.lb4j.backend.BackendStatus.DOWN;
import static io.lb4j.backend.BackendStatus.DRAINING;
import static io.lb4j.backend.BackendStatus.UP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Adding, removing, draining and replacing backends of a running pool. */
class AdministrationTest {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofNanos(1);

    private final Backend a = TestPool.backend("a");
    private final Backend b = TestPool.backend("b");
    private final TestPool pool = TestPool.of(BackendSelector.roundRobin(), a, b);

    @Test
    void add_isLastInTheOrderAndChecked() {
        pool.admin.add(TestPool.backend("c"));
        assertThat(pool.counts(3)).isEqualTo(Map.of("a", 1, "b", 1, "c", 1));
        assertThat(pool.added).containsExactly("c");
    }

    @Test
    void drain_lastConnectionEnds_completesWithWhatBecameOfThem() {
        List<Route> held = pool.connectToA(3);
        CompletableFuture<DrainResult> drained = pool.admin.drain("a", GRACE).toCompletableFuture();
        assertThat(pool.status("a")).isEqualTo(DRAINING);
        assertThat(pool.counts(10)).isEqualTo(Map.of("b", 10));
        held.forEach(route -> {
            assertThat(drained).isNotDone();
            pool.end(route);
        });
        assertThat(drained).isCompletedWithValue(new DrainResult(3, 0));
        assertThat(pool.status("a")).as("until it is put back").isEqualTo(DRAINING);
        pool.control.advance(GRACE);
        assertThat(pool.aborted).isEmpty();
    }

    @Test
    void drain_graceIsOver_resetsTheRestExactlyThen() {
        List<Route> held = pool.connectToA(3);
        CompletableFuture<DrainResult> drained = pool.admin.drain("a", GRACE).toCompletableFuture();
        pool.end(held.get(0));
        pool.control.advance(GRACE.minus(MOMENT));
        assertThat(pool.aborted).isEmpty();
        pool.control.advance(MOMENT);
        assertThat(pool.aborted).containsExactly("a BACKEND_DRAINED");
        assertThat(drained).isCompletedWithValue(new DrainResult(1, 2));
    }

    @Test
    void drain_whoseEndOfGraceCouldNotBeScheduled_endsAllTheSame() {
        pool.connectToA(3);
        pool.control.outOfMemory(true);
        assertThatThrownBy(() -> pool.admin.drain("a", GRACE)).isInstanceOf(OutOfMemoryError.class);
        pool.control.outOfMemory(false);
        pool.control.advance(GRACE.minus(MOMENT));
        assertThat(pool.aborted).isEmpty();
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(pool.aborted).containsExactly("a BACKEND_DRAINED");
        CompletableFuture<DrainResult> asked = pool.admin.drain("a", GRACE);
        assertThat(asked).isCompletedWithValue(new DrainResult(0, 0));
    }

    @Test
    void drain_whoseAbortsCouldNotAllBeToldTo_isRepeatedUntilTheyWere() {
        pool.connectToA(3);
        CompletableFuture<DrainResult> drained = pool.admin.drain("a", GRACE);
        pool.failingAborts = 2;
        assertThatThrownBy(() -> pool.control.advance(GRACE)).isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> pool.control.advance(Duration.ofSeconds(1))).isInstanceOf(OutOfMemoryError.class);
        assertThat(pool.open).hasSize(1);
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(pool.open).isEmpty();
        pool.control.advance(Duration.ofSeconds(2));
        assertThat(drained).isCompletedWithValue(new DrainResult(2, 1));
    }

    @Test
    void replaceAll_thatFailsHalfway_hasChangedNobody() {
        TestPool limited = new TestPool(
                PoolRules.of(BackendSelector.roundRobin()),
                TestPool.backend("a").withMaxConnections(1),
                TestPool.backend("b"));
        Route held = limited.connect(1);
        List<Backend> failing = new AbstractList<>() {
            @Override
            public Backend get(int index) {
                if (index > 0) {
                    throw new OutOfMemoryError("on purpose");
                }
                return TestPool.backend("a").withMaxConnections(10).withPriority(1);
            }

            @Override
            public int size() {
                return 2;
            }
        };
        assertThatThrownBy(() -> limited.admin.replaceAll(failing)).isInstanceOf(OutOfMemoryError.class);
        assertThat(TestPool.id(held)).isEqualTo("a");
        limited.end(held);
        Route again = limited.connect(2);
        Route other = limited.connect(3);
        assertThat(List.of(TestPool.id(again), TestPool.id(other))).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void drain_lastConnectionEndsWithoutMemoryToSaySo_completesWithinASecond() {
        List<Route> held = pool.connectToA(1);
        CompletableFuture<DrainResult> drained = pool.admin.drain("a", null).toCompletableFuture();
        pool.control.outOfMemory(true);
        pool.end(held.get(0));
        pool.control.outOfMemory(false);
        assertThat(drained).isNotDone();
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(drained).isCompletedWithValue(new DrainResult(1, 0));
    }

    @Test
    void drain_nothingOpen_completesAtOnce() {
        assertThat(pool.admin.drain("a", GRACE).toCompletableFuture()).isCompletedWithValue(new DrainResult(0, 0));
    }

    @Test
    void drain_twice_theShorterGraceCounts() {
        pool.connectToA(1);
        CompletableFuture<DrainResult> first = pool.admin.drain("a", GRACE).toCompletableFuture();
        CompletableFuture<DrainResult> second =
                pool.admin.drain("a", Duration.ofSeconds(1)).toCompletableFuture();
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(first).isCompletedWithValue(new DrainResult(0, 1));
        assertThat(second).isCompletedWithValue(new DrainResult(0, 1));
    }

    @Test
    void enable_whileDraining_callsItOff() {
        pool.connectToA(1);
        CompletableFuture<DrainResult> drained = pool.admin.drain("a", GRACE).toCompletableFuture();
        pool.admin.enable("a");
        assertThat(pool.status("a")).isEqualTo(UP);
        // Newer JDKs throw one of their own in join(), caused by this.
        assertThat(drained.handle((result, failure) -> failure).join())
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("of backend a");
        pool.control.advance(GRACE.multipliedBy(2));
        assertThat(pool.aborted).isEmpty();
        assertThat(pool.counts(10)).isEqualTo(Map.of("a", 5, "b", 5));
    }

    @Test
    void disable_keepsConnectionsAndFollowsItsHealth() {
        pool.connectToA(1);
        pool.admin.disable("a");
        assertThat(pool.status("a")).isEqualTo(DISABLED);
        assertThat(pool.state("a").reason()).isEqualTo("disabled");
        assertThat(pool.state("a").activeConnections()).isEqualTo(1);
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 4));
        pool.down("a");
        assertThat(pool.status("a")).isEqualTo(DISABLED);
        pool.admin.enable("a");
        assertThat(pool.status("a")).isEqualTo(DOWN);
        pool.up("a");
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void statusChanges_byAnOperator_areToldLikeAllOthers() {
        pool.admin.disable("a");
        pool.admin.drain("a", GRACE);
        pool.admin.enable("a");
        pool.admin.enable("a");
        assertThat(pool.events).extracting(BackendStatusChanged::to).containsExactly(DISABLED, DRAINING, UP);
    }

    @Test
    void remove_withConnections_completesWhenTheyHaveEnded() {
        List<Route> held = pool.connectToA(2);
        CompletableFuture<DrainResult> removed = pool.admin.remove("a", null).toCompletableFuture();
        pool.control.advance(Duration.ofDays(10));
        assertThat(removed).isNotDone();
        held.forEach(pool::end);
        assertThat(removed).isCompletedWithValue(new DrainResult(2, 0));
        assertThat(pool.removed).containsExactly("a");
        assertThat(pool.pool.states()).hasSize(1);
    }

    @Test
    void remove_withAGrace_resetsTheRest() {
        pool.connectToA(2);
        CompletableFuture<DrainResult> removed =
                pool.admin.remove("a", Duration.ZERO).toCompletableFuture();
        pool.control.advance(Duration.ZERO);
        assertThat(removed).isCompletedWithValue(new DrainResult(0, 2));
    }

    @Test
    void removedAndAddedAgain_isANewOne() { // E12
        List<Route> held = pool.connectToA(1);
        pool.down("a");
        pool.admin.remove("a", null);
        held.forEach(pool::end);
        pool.admin.add(a);
        assertThat(pool.status("a")).isEqualTo(UP);
        assertThat(pool.state("a").failedChecks()).isZero();
        assertThat(pool.pool.stats().get("a").attempts()).isZero();
    }

    @Test
    void replaceAll_saysWhatItDidAndTouchesNothingElse() {
        pool.connectToA(2);
        pool.down("b");
        Backend changed = a.withWeight(3).withLabel("zone", "x");
        Backend moved = Backend.of("127.0.0.1", 2).withId("b");
        Backend fresh = TestPool.backend("c");
        BackendChanges changes = pool.admin.replaceAll(List.of(fresh, changed, moved));
        assertThat(changes)
                .isEqualTo(new BackendChanges(List.of(fresh, moved), List.of(), List.of(changed), List.of(b)));
        assertThat(pool.pool.states()).extracting(state -> state.backend()).containsExactly(fresh, changed, moved);
        assertThat(pool.state("a").activeConnections()).isEqualTo(2);
        assertThat(pool.status("b")).as("another place, another history").isEqualTo(UP);
        assertThat(pool.added).containsExactly("c", "b");
        assertThat(pool.removed).containsExactly("b");
        assertThat(pool.admin.replaceAll(List.of(fresh, changed, moved)).isEmpty())
                .isTrue();
    }

    /** A discovery's next changed answer is such a list: what the operator said outlives it, as disable does. */
    @Test
    void weight_fromAnOperator_outlivesListsUntilItIsSetAgain() {
        Backend other = TestPool.backend("c");
        pool.admin.weight("a", 7);
        BackendChanges changes = pool.admin.replaceAll(List.of(a.withWeight(2), b, other));
        assertThat(changes.kept()).containsExactly(a.withWeight(7), b);
        assertThat(changes.changed()).isEmpty();
        assertThat(pool.state("a").backend()).isEqualTo(a.withWeight(7));

        pool.admin.replaceAll(List.of(a.withPriority(1), b.withWeight(5)));
        assertThat(pool.state("a").backend()).isEqualTo(a.withWeight(7).withPriority(1));
        assertThat(pool.state("b").backend().weight()).isEqualTo(5);
        pool.admin.weight("a", 3);
        pool.admin.replaceAll(List.of(a, b));
        assertThat(pool.state("a").backend().weight()).isEqualTo(3);
    }

    @Test
    void weight_fromAnOperator_endsWithItsBackend() {
        pool.admin.weight("a", 7);
        pool.admin.weight("b", 7);
        pool.admin.remove("a", null);
        pool.admin.add(a);
        pool.admin.replaceAll(List.of(a, Backend.of("127.0.0.1", 2).withId("b")));
        assertThat(pool.state("a").backend().weight()).isEqualTo(a.weight());
        assertThat(pool.state("b").backend().weight()).as("at another place").isEqualTo(1);
    }

    @Test
    void replaceAll_withNothing_leavesNobody() {
        pool.admin.replaceAll(List.of());
        assertThat(pool.counts(2)).isEqualTo(Map.of("nobody", 2));
        pool.admin.replaceAll(List.of(b));
        assertThat(pool.counts(2)).isEqualTo(Map.of("b", 2));
    }

    @Test
    void unknownId_namesTheKnownOnes() {
        List<Runnable> calls = List.of(
                () -> pool.admin.remove("x", null),
                () -> pool.admin.drain("x", GRACE),
                () -> pool.admin.disable("x"),
                () -> pool.admin.enable("x"),
                () -> pool.admin.weight("x", 1));
        assertThat(calls).allSatisfy(call -> assertThatThrownBy(call::run)
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("backend id: x (expected: one of [a, b])"));
    }
}
