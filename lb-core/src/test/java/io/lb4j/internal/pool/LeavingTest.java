package io.lb4j.internal.pool;

import static io.lb4j.backend.BackendStatus.DOWN;
import static io.lb4j.backend.BackendStatus.LEAVING;
import static io.lb4j.backend.BackendStatus.UP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.health.OnDown;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** E14: who was taken off the list is seen and can be reached until its last connection has ended. */
class LeavingTest {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Backend a = TestPool.backend("a");
    private final Backend b = TestPool.backend("b");
    private final Backend elsewhere = Backend.of("127.0.0.1", 2).withId("a");
    private final PoolRules settings = PoolRules.of(BackendSelector.roundRobin());
    private final TestPool pool = new TestPool(settings, a, b);

    @Test
    void removed_withConnections_isSeenUntilTheLastHasEnded() {
        List<Route> held = pool.connectToA(2);
        pool.admin.replaceAll(List.of(b));
        assertThat(ids()).containsExactly("b", "a");
        assertThat(pool.state("a").reason()).isEqualTo("removed, and has connections");
        assertThat(pool.state("a").activeConnections()).isEqualTo(2);
        assertThat(pool.pool.stats()).containsOnlyKeys("b", "a");
        assertThat(pool.pool.size()).isEqualTo(1);
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 4));
        pool.end(held.get(0));
        assertThat(pool.removed).isEmpty();
        pool.end(held.get(1));
        assertThat(ids()).containsExactly("b");
        assertThat(pool.removed).containsExactly("a");
        assertThat(pool.told).containsExactly("+a", "+b", "-a");
        assertThat(pool.events).extracting(BackendStatusChanged::to).containsExactly(LEAVING);
    }

    @Test
    void removed_withoutConnections_isGoneAtOnce() {
        pool.admin.replaceAll(List.of(b));
        pool.admin.remove("b", GRACE);
        assertThat(ids()).isEmpty();
        assertThat(pool.events).isEmpty();
        assertThat(pool.removed).containsExactly("a", "b");
    }

    @Test
    void drain_ofOneThatLeaves_endsItsConnections() {
        pool.connectToA(2);
        pool.admin.replaceAll(List.of(b));
        CompletableFuture<DrainResult> drained = pool.admin.drain("a", GRACE);
        assertThat(pool.status("a")).isEqualTo(LEAVING);
        assertThat(drained).isNotDone();
        pool.control.advance(GRACE);
        assertThat(drained).isCompletedWithValue(new DrainResult(0, 2));
        assertThat(ids()).containsExactly("b");
    }

    @Test
    void remove_ofOneThatLeaves_canGiveItAGrace() {
        pool.connectToA(2);
        CompletableFuture<DrainResult> first = pool.admin.remove("a", null);
        CompletableFuture<DrainResult> second = pool.admin.remove("a", Duration.ZERO);
        pool.control.advance(Duration.ZERO);
        assertThat(first).isCompletedWithValue(new DrainResult(0, 2));
        assertThat(second).isCompletedWithValue(new DrainResult(0, 2));
        assertThat(pool.events).extracting(BackendStatusChanged::to).containsExactly(LEAVING);
    }

    @Test
    void replaceAll_withAGrace_resetsWhatIsLeftThen() {
        pool.connectToA(2);
        pool.admin.replaceAll(List.of(b), GRACE);
        pool.control.advance(GRACE.minusNanos(1));
        assertThat(pool.aborted).isEmpty();
        pool.control.advance(Duration.ofNanos(1));
        assertThat(pool.aborted).containsExactly("a BACKEND_DRAINED");
        assertThat(ids()).containsExactly("b");
    }

    /** The grace of one list is not the next one's. */
    @Test
    void replaceAll_withAGrace_meansThoseThatItRemoves() {
        pool.connectToA(1);
        pool.admin.replaceAll(List.of(b));
        assertThat(pool.admin.replaceAll(List.of(b), Duration.ZERO).isEmpty()).isTrue();
        pool.control.advance(GRACE);
        assertThat(pool.status("a")).isEqualTo(LEAVING);
    }

    @Test
    void checks_ofOneThatLeaves_goOnAndCloseWhatItHas() {
        pool.pool.settings(settings.with(OnDown.CLOSE));
        pool.connectToA(2);
        pool.admin.replaceAll(List.of(b));
        assertThat(pool.pool.places()).hasSize(2);
        pool.down("a");
        assertThat(pool.aborted).containsExactly("a BACKEND_DOWN");
        pool.control.advance(Duration.ZERO);
        assertThat(ids()).containsExactly("b");
    }

    @Test
    void lastConnection_endsWithoutMemoryToSaySo_isGoneWithinASecond() {
        List<Route> held = pool.connectToA(1);
        pool.admin.replaceAll(List.of(b));
        pool.control.outOfMemory(true);
        pool.end(held.get(0));
        pool.control.outOfMemory(false);
        assertThat(pool.status("a")).isEqualTo(LEAVING);
        pool.control.advance(Duration.ofSeconds(1));
        assertThat(ids()).containsExactly("b");
        assertThat(pool.removed).containsExactly("a");
        assertThat(pool.told).containsExactly("+a", "+b", "-a");
    }

    @Test
    void drained_isTold_afterItIsGone() {
        List<Route> held = pool.connectToA(1);
        CompletableFuture<List<String>> seen = pool.admin.remove("a", null).thenApply(result -> ids());
        pool.end(held.get(0));
        assertThat(seen).isCompletedWithValue(List.of("b"));
    }

    @Test
    void candidates_whenOneThatLeftIsGone_areTheSameList() {
        List<Route> held = pool.connectToA(1);
        pool.admin.replaceAll(List.of(b));
        CandidateList before = pool.pool.snapshotNow().candidates();
        pool.end(held.get(0));
        assertThat(pool.pool.snapshotNow().candidates()).isSameAs(before);
    }

    // ---- coming back

    @Test
    void list_thatHasItAgain_takesItBackAsItIs() {
        pool.connectToA(1);
        pool.down("a");
        CompletableFuture<DrainResult> removed = pool.admin.remove("a", GRACE);
        BackendChanges changes = pool.admin.replaceAll(List.of(b, a.withWeight(3)));
        assertThat(changes.added()).containsExactly(a.withWeight(3));
        assertThat(changes.kept()).containsExactly(b);
        assertThat(removed.handle((result, failure) -> failure).join()).isInstanceOf(CancellationException.class);
        assertThat(pool.status("a")).as("what checks found").isEqualTo(DOWN);
        pool.control.advance(GRACE);
        assertThat(pool.aborted).as("its drain was called off").doesNotContain("a BACKEND_DRAINED");
        pool.up("a");
        assertThat(pool.state("a").backend().weight()).isEqualTo(3);
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 3, "b", 1));
        assertThat(pool.added).as("it is checked already").isEmpty();
        assertThat(pool.told).containsExactly("+a", "+b");
    }

    @Test
    void add_ofOneThatLeaves_takesItBackAsTheLast() {
        List<Route> held = pool.connectToA(1);
        pool.admin.weight("a", 7);
        pool.admin.disable("a");
        pool.admin.remove("a", null);
        pool.admin.add(a);
        assertThat(ids()).containsExactly("b", "a");
        assertThat(pool.status("a")).isEqualTo(UP);
        assertThat(pool.state("a").backend()).as("an operator's words are over").isEqualTo(a);
        assertThat(pool.state("a").activeConnections()).isEqualTo(1);
        held.forEach(pool::end);
        assertThat(ids()).containsExactly("b", "a");
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void operations_thatMeanSomebodyWhoStays_doNotKnowIt() {
        pool.connectToA(1);
        pool.admin.remove("a", null);
        List<Runnable> calls =
                List.of(() -> pool.admin.enable("a"), () -> pool.admin.disable("a"), () -> pool.admin.weight("a", 1));
        assertThat(calls).allSatisfy(call -> assertThatThrownBy(call::run)
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("backend id: a (expected: not one that was removed)"));
    }

    // ---- one id, two places

    @Test
    void id_atAnotherPlace_isTheNewOnes_andTheOldOneHasAnother() {
        List<Route> held = pool.connectToA(1);
        BackendChanges changes = pool.admin.replaceAll(List.of(elsewhere, b));
        assertThat(changes).isEqualTo(new BackendChanges(List.of(elsewhere), List.of(b), List.of(), List.of(a)));
        assertThat(ids()).containsExactly("a", "b", "a@127.0.0.1:1");
        assertThat(pool.status("a@127.0.0.1:1")).isEqualTo(LEAVING);
        assertThat(held.get(0).backend().id()).isEqualTo("a@127.0.0.1:1");
        assertThat(pool.state("a").activeConnections()).isZero();
        assertThat(pool.told).containsExactly("+a", "+b", "-a", "+a@127.0.0.1:1", "+a");
        pool.admin.drain("a@127.0.0.1:1", Duration.ZERO);
        pool.control.advance(Duration.ZERO);
        assertThat(ids()).containsExactly("a", "b");
    }

    @Test
    void id_addedAtAnotherPlace_whileTheOldOneLeaves_isTheNewOnes() {
        pool.connectToA(1);
        pool.admin.remove("a", null);
        pool.admin.add(elsewhere);
        assertThat(ids()).containsExactly("a@127.0.0.1:1", "b", "a");
        assertThat(pool.state("a").backend()).isEqualTo(elsewhere);
    }

    @Test
    void id_movedToAndFro_isBackWithItsConnections() {
        pool.connectToA(1);
        pool.admin.replaceAll(List.of(elsewhere, b));
        pool.counts(2);
        Route other = pool.connect(0);
        pool.admin.replaceAll(List.of(a, b));
        assertThat(ids()).startsWith("a", "b");
        assertThat(pool.state("a").backend()).isEqualTo(a);
        assertThat(pool.state("a").activeConnections()).isEqualTo(1);
        assertThat(other).isNotNull();
        pool.end(other);
        assertThat(ids()).containsExactly("a", "b");
    }

    @Test
    void id_asLongAsMayBe_leavesUnderOneThatMayBe() {
        Backend longest = Backend.of("127.0.0.1", 1).withId("x".repeat(255));
        pool.admin.replaceAll(List.of(longest));
        List<Route> held = new ArrayList<>(List.of(pool.connect(0)));
        pool.admin.replaceAll(List.of(Backend.of("127.0.0.1", 2).withId(longest.id())));
        held.add(pool.connect(0));
        pool.admin.replaceAll(List.of(Backend.of("127.0.0.1", 3).withId(longest.id())));
        assertThat(ids()).containsExactly(longest.id(), "x".repeat(240), "x".repeat(240) + "/2");
        held.forEach(pool::end);
        assertThat(ids()).containsExactly(longest.id());
    }

    private List<String> ids() {
        return pool.pool.states().stream().map(state -> state.backend().id()).toList();
    }
}
