package io.lb4j.internal.discovery;

import static io.lb4j.internal.discovery.DiscoveryStage.INTERVAL;
import static io.lb4j.internal.discovery.DiscoveryStage.NANO;
import static io.lb4j.internal.discovery.DiscoveryStage.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Backends that are missing from an answer, twice in an answer, or not what they were. In virtual time. */
class DiscoveryDampingTest {
    private static final Duration VANISHED = Duration.ofSeconds(12);

    private final DiscoveryStage stage = new DiscoveryStage();

    @AfterEach
    void close() {
        stage.close();
    }

    /** 1, 2 and 3 are known; then an answer lacks 2. */
    private void loseTheSecond() {
        stage.policy.vanishedAfter(VANISHED);
        stage.start(backend(1), backend(2), backend(3));
        stage.answer = List.of(backend(1), backend(3));
        stage.advance(INTERVAL);
        assertThat(stage.told).hasSize(1);
        assertThat(stage.calls).isEqualTo(2);
    }

    @Test
    void missingBackend_isDropped_exactlyAtTheBound() {
        loseTheSecond();
        stage.loop.refresh();
        stage.advance(VANISHED.minus(NANO));
        stage.loop.refresh();
        stage.settle();
        assertThat(stage.told).as("asked a nanosecond too soon").hasSize(1);
        stage.advance(NANO);
        stage.assertToldLast(backend(1), backend(3));
        assertThat(stage.log.messages()).isEmpty();
    }

    @Test
    void missingBackend_atTheBound_isAskedForOnceMore() {
        loseTheSecond();
        stage.assertNextCallIn(VANISHED);
        stage.assertToldLast(backend(1), backend(3));
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void missingBackend_withTheDefaults_isDroppedAfter30Seconds() {
        stage.start(backend(1), backend(2));
        stage.answer = List.of(backend(1));
        stage.advance(INTERVAL);
        stage.advance(Duration.ofSeconds(30).minus(NANO));
        assertThat(stage.told).hasSize(1);
        stage.advance(NANO);
        stage.assertToldLast(backend(1));
    }

    @Test
    void missingBackend_thatComesBack_hasNeverBeenAway() {
        loseTheSecond();
        stage.answer = List.of(backend(3), backend(2), backend(1));
        stage.advance(VANISHED);
        assertThat(stage.told).hasSize(1);

        stage.answer = List.of(backend(1), backend(3));
        stage.advance(INTERVAL);
        stage.advance(VANISHED.minus(NANO));
        assertThat(stage.told).as("its time begins anew").hasSize(1);
        stage.advance(NANO);
        stage.assertToldLast(backend(1), backend(3));
    }

    @Test
    void missingBackend_isKept_whileNoAnswerConfirmsIt() {
        loseTheSecond();
        stage.failure = new IOException("no route");
        stage.assertNextCallIn(VANISHED);
        for (int i = 0; i < 10; i++) {
            stage.assertNextCallIn(INTERVAL);
        }
        assertThat(stage.told).as("a failure drops nothing").hasSize(1);
        stage.failure = null;
        stage.answer = List.of();
        stage.advance(INTERVAL);
        assertThat(stage.told).as("an ignored answer drops nothing").hasSize(1);
        stage.answer = List.of(backend(1), backend(3));
        stage.advance(INTERVAL);
        stage.assertToldLast(backend(1), backend(3));
    }

    @Test
    void backends_missingSinceDifferentTimes_areDroppedEachAtItsOwn() {
        loseTheSecond();
        stage.clock.advance(Duration.ofSeconds(5));
        stage.answer = List.of(backend(1));
        stage.loop.refresh();
        stage.settle();
        stage.assertNextCallIn(VANISHED.minusSeconds(5));
        stage.assertToldLast(backend(1), backend(3));
        stage.assertNextCallIn(Duration.ofSeconds(5));
        stage.assertToldLast(backend(1));
        assertThat(stage.told).hasSize(3);
    }

    @Test
    void missingBackend_withoutDamping_isDroppedAtOnce() {
        stage.policy.vanishedAfter(Duration.ZERO);
        stage.start(backend(1), backend(2));
        stage.answer = List.of(backend(2));
        stage.advance(INTERVAL);
        stage.assertToldLast(backend(2));
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void timeSpentMissing_acrossTheWrapOfTheClock_isCountedRight() {
        KnownBackends known = new KnownBackends(100);
        known.answered(List.of(backend(1)), Long.MAX_VALUE - 60);
        known.answered(List.of(), Long.MAX_VALUE - 50);
        assertThat(known.nanosToDrop(Long.MAX_VALUE)).isEqualTo(50);
        known.answered(List.of(), Long.MIN_VALUE + 48);
        assertThat(known.list()).hasSize(1);
        known.answered(List.of(), Long.MIN_VALUE + 49);
        assertThat(known.list()).isEmpty();
        assertThat(known.nanosToDrop(0)).isNull();
    }

    // ---- the same id, the same address

    @Test
    void id_thatMovesToAnotherAddress_isMovedAtOnce() {
        stage.start(backend(1).withId("pod-0"), backend(2));
        stage.answer = List.of(backend(2), backend(9).withId("pod-0"));
        stage.advance(INTERVAL);
        stage.assertToldLast(backend(9).withId("pod-0"), backend(2));
    }

    @Test
    void address_underAnotherId_replacesTheOldOneAtOnce() {
        stage.start(backend(1).withId("blue"), backend(2));
        stage.answer = List.of(backend(1).withId("green"), backend(2));
        stage.advance(INTERVAL);
        stage.assertToldLast(backend(2), backend(1).withId("green"));
    }

    @Test
    void duplicates_inAnAnswer_areLeftOutAndSaidOnce() {
        Backend sameId = backend(9).withId(backend(1).id());
        Backend sameAddress = backend(2).withId("again");
        Backend otherSpelling = Backend.of("0:0:0:0:0:0:0:1", 80);
        stage.start(backend(1), backend(2), sameId, sameAddress, Backend.of("::1", 80), otherSpelling);
        for (int i = 0; i < 4; i++) {
            stage.advance(INTERVAL);
        }
        assertThat(stage.told).containsExactly(List.of(backend(1), backend(2), Backend.of("::1", 80)));
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage answered [10.0.0.1:9000 (10.0.0.9:9000), again"
                        + " (10.0.0.2:9000), [::1]:80] with the id or the address of an earlier backend;"
                        + " left out");
        stage.answer = List.of(backend(1));
        stage.advance(INTERVAL);
        assertThat(stage.log.messages()).hasSize(2);
    }

    @Test
    void backend_leftOut_keepsNoOtherOut() {
        Answer answer =
                Answer.of(List.of(backend(1), backend(2).withId(backend(1).id()), backend(2)), backend -> backend);
        assertThat(answer.backends()).containsExactly(backend(1), backend(2));
        assertThat(answer.duplicates()).hasSize(1);
        assertThat(Answer.of(List.of(Backend.of("Web", 80), Backend.of("wEB", 80)), backend -> backend)
                        .backends())
                .containsExactly(Backend.of("Web", 80));
    }

    /** Another pool has its id: nobody tells of it when that is over. */
    @Test
    void list_ofWhichSomeAreLeftOut_isHandedOverAgain_andSaidOnce() {
        stage.leftOut = List.of("backend id: x (expected: another)");
        stage.start(backend(1), backend(2));
        stage.assertNextCallIn(INTERVAL);
        stage.assertNextCallIn(INTERVAL);
        assertThat(stage.told).hasSize(3).containsOnly(List.of(backend(1), backend(2)));
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage: 1 of 2 backends left out (the first: backend id: x"
                        + " (expected: another))");
        stage.leftOut = List.of();
        stage.assertNextCallIn(INTERVAL);
        stage.assertNextCallIn(INTERVAL);
        assertThat(stage.told).hasSize(4);
        assertThat(stage.log.messages())
                .last()
                .isEqualTo("orders: discovery stage: all of 2 backends are in the pool again");
    }

    /** What all backends pass on their way into the pool, refuses some. */
    @Test
    void backends_thatAreNotAdmitted_areLeftOutAndSaidOnce() {
        Answer answer = Answer.of(List.of(backend(1), backend(2), backend(3)), backend -> {
            if (backend.equals(backend(1))) {
                return backend.withWeight(7);
            }
            throw new IllegalArgumentException("not " + backend.id());
        });
        assertThat(answer.backends()).containsExactly(backend(1).withWeight(7));
        assertThat(answer.refused()).containsExactly(backend(2), backend(3));
        assertThat(answer.refusal())
                .isEqualTo("IllegalArgumentException: not " + backend(2).id());
        assertThat(answer.duplicates()).isEmpty();
        Answer same = Answer.of(List.of(backend(1), backend(2)), backend -> backend.withId("same"));
        assertThat(same.backends()).containsExactly(backend(1).withId("same"));
        assertThat(same.duplicates()).containsExactly(backend(2).withId("same"));
    }

    // ---- the log

    @Test
    void conditions_thatChangeWithinASecond_areSaidOnceAndTheLastOneLater() {
        stage.start(backend(1));
        stage.failure = new IOException("no route");
        stage.advance(INTERVAL);
        for (int i = 0; i < 9; i++) {
            stage.failure = i % 2 == 1 ? new IOException("no route") : null;
            stage.clock.advance(Duration.ofMillis(100));
            stage.loop.refresh();
            stage.settle();
        }
        assertThat(stage.log.messages()).hasSize(1);
        stage.clock.advance(Duration.ofMillis(100));
        stage.loop.refresh();
        stage.settle();
        assertThat(stage.log.messages()).hasSize(2).last().isEqualTo("orders: discovery stage works again, 1 backend");
    }

    @Test
    void causes_thatDiffer_areOneCondition() {
        stage.start(backend(1));
        for (int i = 0; i < 5; i++) {
            stage.failure = new IOException("attempt " + i);
            stage.advance(INTERVAL);
        }
        stage.failure = null;
        stage.answer = List.of();
        stage.advance(INTERVAL);
        assertThat(stage.log.messages()).hasSize(2);
        assertThat(stage.log.messages("(attempt 0)")).hasSize(1);
        assertThat(stage.log.messages("answered without a backend")).hasSize(1);
    }
}
