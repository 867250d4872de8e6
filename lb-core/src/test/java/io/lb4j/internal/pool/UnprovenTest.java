package io.lb4j.internal.pool;

import static io.lb4j.backend.BackendStatus.DOWN;
import static io.lb4j.backend.BackendStatus.UP;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.internal.health.Health;
import io.lb4j.selection.BackendSelector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** E21: one that is added while backends are checked gets traffic after its first check, unless nobody else is UP. */
class UnprovenTest {
    private static final Health UP_AT_FIRST = Health.unchecked(true, "not checked yet");

    private final Backend a = TestPool.backend("a");
    private final Backend b = TestPool.backend("b");
    private final Backend c = TestPool.backend("c");
    private final PoolRules settings = PoolRules.of(BackendSelector.roundRobin());
    private final TestPool pool = TestPool.checking(settings, UP_AT_FIRST, a);

    @Test
    void added_whileAnotherIsUp_waitsForItsFirstCheck() {
        pool.admin.add(b);
        assertThat(pool.status("b")).isEqualTo(DOWN);
        assertThat(pool.state("b").reason()).isEqualTo("not checked yet");
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 4));
        pool.up("b");
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void added_whoseFirstCheckFails_getsNothing() {
        pool.admin.replaceAll(List.of(a, b));
        pool.check("b", false, "read-only");
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 4));
        pool.down("a");
        assertThat(pool.counts(4)).as("it is new no more").isEqualTo(Map.of("nobody", 4));
    }

    @Test
    void added_whileNobodyIsUp_isTriedAtOnce() {
        pool.down("a");
        pool.admin.add(b);
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 4));
        pool.admin.disable("b");
        assertThat(pool.counts(1)).isEqualTo(Map.of("nobody", 1));
        pool.admin.enable("b");
        assertThat(pool.counts(1)).isEqualTo(Map.of("b", 1));
    }

    @Test
    void others_thatGoDownMeanwhile_leaveItToTheNewOne() {
        pool.admin.add(b);
        pool.down("a");
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 4));
        pool.up("a");
        assertThat(pool.counts(4)).isEqualTo(Map.of("a", 4));
    }

    /** Of a list that is all new, the first one whose check passes is better than those of whom nothing is known. */
    @Test
    void wholeList_isNew_allAreTriedUntilACheckPasses() {
        pool.admin.replaceAll(List.of(b, c));
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 2, "c", 2));
        pool.up("c");
        assertThat(pool.counts(4)).isEqualTo(Map.of("c", 4));
        pool.up("b");
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 2, "c", 2));
    }

    /** What was tried in need stays until its check says otherwise. */
    @Test
    void connections_ofNewOnes_areClosedWhenTheirFirstCheckFails() {
        pool.pool.settings(settings.with(OnDown.CLOSE));
        pool.down("a");
        pool.admin.add(b);
        pool.connect(1);
        pool.up("a");
        pool.control.advance(Duration.ofSeconds(2));
        assertThat(pool.aborted).isEmpty();
        pool.check("b", false, "read-only");
        assertThat(pool.aborted).containsExactly("b BACKEND_DOWN");
    }

    /** As it is at the start, whether the first list is given or discovered. */
    @Test
    void firstOnes_areUpBeforeTheirFirstCheck() {
        assertThat(pool.status("a")).isEqualTo(UP);
        pool.admin.replaceAll(List.of());
        pool.admin.replaceAll(List.of(b, c));
        assertThat(pool.status("b")).isEqualTo(UP);
        assertThat(pool.counts(4)).isEqualTo(Map.of("b", 2, "c", 2));
    }

    @Test
    void initiallyDown_nobodyIsTriedBeforeItsFirstCheck() {
        TestPool strict = TestPool.checking(settings, Health.unchecked(false, "not checked yet"), a);
        strict.admin.add(b);
        assertThat(strict.counts(2)).isEqualTo(Map.of("nobody", 2));
        strict.up("b");
        assertThat(strict.counts(2)).isEqualTo(Map.of("b", 2));
    }

    @Test
    void tryAll_meansAllOfThem() {
        TestPool trying = TestPool.checking(settings.with(NoneHealthy.TRY_ALL), UP_AT_FIRST, a);
        trying.admin.add(b);
        assertThat(trying.counts(2)).isEqualTo(Map.of("a", 2));
        trying.down("a");
        assertThat(trying.counts(4)).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void withoutChecks_nobodyWaits() {
        TestPool unchecked = new TestPool(settings, a);
        unchecked.admin.add(b);
        assertThat(unchecked.counts(4)).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void slowStart_beginsWhenTheFirstCheckHasPassed() {
        TestPool slow = TestPool.checking(settings.withSlowStart(Duration.ofSeconds(10)), UP_AT_FIRST, a);
        slow.admin.add(b);
        slow.control.advance(Duration.ofSeconds(20));
        slow.up("b");
        assertThat(slow.member("b").warmUpPercent()).isEqualTo(10);
    }
}
