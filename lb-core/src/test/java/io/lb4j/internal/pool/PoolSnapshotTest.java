package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.internal.health.Health;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PoolSnapshotTest {
    private static final Backend A = Backend.of("10.0.0.1", 1).withId("a");
    private static final Backend B = Backend.of("10.0.0.2", 1).withId("b");
    private static final Backend ZERO = Backend.of("10.0.0.3", 1).withId("zero").withWeight(0);

    private final PoolSnapshot snapshot = PoolSnapshot.of(
                    OfferRules.of(PoolRules.of(BackendSelector.roundRobin()), false))
            .replaced(Stream.of(A, B, ZERO)
                    .map(backend -> Member.of(
                            TestPool.of(BackendSelector.roundRobin()).pool.place(backend),
                            Health.unchecked(true, "not checked yet"),
                            0))
                    .toList());

    @Test
    void snapshot_atFirst_hasAllUpAndThoseWithWeightEligible() {
        assertThat(snapshot.members())
                .extracting(Member::status)
                .containsExactly(BackendStatus.UP, BackendStatus.UP, BackendStatus.UP);
        assertThat(snapshot.members()).extracting(Member::reason).containsOnly("not checked yet");
        assertThat(snapshot.census().up()).isEqualTo(3);
        assertThat(eligible(snapshot)).containsExactly(A, B);
    }

    @Test
    void candidates_onlyTheReasonChanged_isTheSameObject() {
        PoolSnapshot next = snapshot.with(changed(0, true, "after 1 passed check"));
        assertThat(next.candidates()).isSameAs(snapshot.candidates());
        assertThat(next.members().get(0).reason()).isEqualTo("after 1 passed check");
        assertThat(snapshot.members().get(0).reason()).isEqualTo("not checked yet");
    }

    @Test
    void candidates_aBackendOfWeightZeroWentDown_isTheSameObject() {
        PoolSnapshot next = snapshot.with(changed(2, false, "refused"));
        assertThat(next.candidates()).isSameAs(snapshot.candidates());
        assertThat(next.census().up()).isEqualTo(2);
    }

    @Test
    void candidates_aBackendWentDownAndUp_isANewListEachTimeWithItsOwnVersion() {
        PoolSnapshot down = snapshot.with(changed(0, false, "refused"));
        PoolSnapshot upAgain = down.with(changed(0, true, "back"));
        assertThat(eligible(down)).containsExactly(B);
        assertThat(eligible(upAgain)).containsExactly(A, B);
        assertThat(List.of(
                        snapshot.candidates().version(),
                        down.candidates().version(),
                        upAgain.candidates().version()))
                .doesNotHaveDuplicates();
        assertThat(eligible(snapshot)).as("the old list stays as it was").containsExactly(A, B);
    }

    @Test
    void candidates_forAFurtherAttempt_areTheOthersInTheirOrderAndOfNoVersion() {
        CandidateList all = snapshot.candidates();
        Candidates others = snapshot.tiers().candidates(List.of(all.get(0)));
        assertThat(others.stream().map(Candidate::backend)).containsExactly(B);
        assertThat(others.version()).isZero();
        assertThat(others.whole()).isSameAs(all);
        assertThat(all.found(all.get(0), others)).isNull();
        assertThat(all.found(all.get(1), others)).isSameAs(all.get(1));
        assertThat(snapshot.tiers().candidates(List.of(all.get(0), all.get(1))).size())
                .isZero();
        assertThat(all.size()).isEqualTo(2);
    }

    @Test
    void get_outOfRange_isRefused() {
        assertThatThrownBy(() -> snapshot.candidates().get(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> snapshot.candidates().get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** Who is taken for full gets no connection that would correct it: a crossing that is missed must not last. */
    @Test
    void full_aCrossingWasMissed_theNextPickLooksForItself() {
        PooledBackend one = new PooledBackend(A.withMaxConnections(1), new NobodyIsTold(), () -> 0);
        PooledBackend other = new PooledBackend(B, new NobodyIsTold(), () -> 0);
        CandidateList list = new CandidateList(new PooledBackend[] {one, other}, new int[] {100, 100}, false, true);
        assertThat(one.reserve()).isTrue();
        list.missed();
        assertThat(list.open(List.of()).stream()).containsExactly(other);
        one.released();
        list.missed();
        assertThat(list.open(List.of())).isSameAs(list);
    }

    private static final class NobodyIsTold implements PooledBackend.Observer {
        @Override
        public void connectsFailed(PooledBackend backend, int inARow, Throwable cause) {}

        @Override
        public void resetEarly(PooledBackend backend, int inARow) {}

        @Override
        public void endedEarly(PooledBackend backend, int inARow) {}

        @Override
        public void limitCrossed(PooledBackend backend) {}

        @Override
        public void roomGained() {}

        @Override
        public void closedAndIdle(PooledBackend backend) {}
    }

    private Member changed(int index, boolean up, String reason) {
        return snapshot.members().get(index).with(Health.unchecked(up, reason));
    }

    private static List<Backend> eligible(PoolSnapshot snapshot) {
        return snapshot.candidates().stream().map(Candidate::backend).toList();
    }
}
