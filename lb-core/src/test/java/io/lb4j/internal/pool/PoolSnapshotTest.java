package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.internal.pool.PoolSnapshot.Member;
import io.lb4j.selection.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolSnapshotTest {
    private static final Backend A = Backend.of("10.0.0.1", 1).withId("a");
    private static final Backend B = Backend.of("10.0.0.2", 1).withId("b");
    private static final Backend ZERO = Backend.of("10.0.0.3", 1).withId("zero").withWeight(0);

    private final PoolSnapshot snapshot = PoolSnapshot.of(List.of(A, B, ZERO), "not checked yet");

    @Test
    void snapshot_atFirst_hasAllUpAndThoseWithWeightEligible() {
        assertThat(snapshot.members())
                .extracting(Member::status)
                .containsExactly(BackendStatus.UP, BackendStatus.UP, BackendStatus.UP);
        assertThat(snapshot.members()).extracting(Member::reason).containsOnly("not checked yet");
        assertThat(snapshot.up()).isEqualTo(3);
        assertThat(eligible(snapshot)).containsExactly(A, B);
    }

    @Test
    void eligible_onlyTheReasonChanged_isTheSameObject() {
        PoolSnapshot next = snapshot.with(changed(0, BackendStatus.UP, "after 1 passed check"));
        assertThat(next.eligible()).isSameAs(snapshot.eligible());
        assertThat(next.members().get(0).reason()).isEqualTo("after 1 passed check");
        assertThat(snapshot.members().get(0).reason()).isEqualTo("not checked yet");
    }

    @Test
    void eligible_aBackendOfWeightZeroWentDown_isTheSameObject() {
        PoolSnapshot next = snapshot.with(changed(2, BackendStatus.DOWN, "refused"));
        assertThat(next.eligible()).isSameAs(snapshot.eligible());
        assertThat(next.up()).isEqualTo(2);
    }

    @Test
    void eligible_aBackendWentDownAndUp_isANewListEachTimeWithItsOwnVersion() {
        PoolSnapshot down = snapshot.with(changed(0, BackendStatus.DOWN, "refused"));
        PoolSnapshot upAgain = down.with(changed(0, BackendStatus.UP, "back"));
        assertThat(eligible(down)).containsExactly(B);
        assertThat(eligible(upAgain)).containsExactly(A, B);
        assertThat(List.of(
                        snapshot.eligible().version(),
                        down.eligible().version(),
                        upAgain.eligible().version()))
                .doesNotHaveDuplicates();
        assertThat(eligible(snapshot)).as("the old list stays as it was").containsExactly(A, B);
    }

    @Test
    void without_failedRoutes_keepsTheVersionAndTheOrder() {
        CandidateList all = snapshot.eligible();
        CandidateList others = all.without(List.of(all.get(0)));
        assertThat(others.stream().map(Candidate::backend)).containsExactly(B);
        assertThat(others.version()).isEqualTo(all.version());
        assertThat(others.contains(all.get(0))).isFalse();
        assertThat(others.contains(all.get(1))).isTrue();
        assertThat(all.without(List.of(all.get(0), all.get(1))).size()).isZero();
        assertThat(all.size()).isEqualTo(2);
    }

    @Test
    void get_outOfRange_isRefused() {
        assertThatThrownBy(() -> snapshot.eligible().get(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> snapshot.eligible().get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private Member changed(int index, BackendStatus status, String reason) {
        return new Member(snapshot.members().get(index).backend(), status, reason);
    }

    private static List<Backend> eligible(PoolSnapshot snapshot) {
        return snapshot.eligible().stream().map(Candidate::backend).toList();
    }
}
