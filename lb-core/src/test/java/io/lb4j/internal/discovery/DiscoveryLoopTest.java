package io.lb4j.internal.discovery;

import static io.lb4j.internal.discovery.DiscoveryStage.INTERVAL;
import static io.lb4j.internal.discovery.DiscoveryStage.NANO;
import static io.lb4j.internal.discovery.DiscoveryStage.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a discovery is asked, and what is made of its answers (catalogue, C12). All of it in virtual time. */
class DiscoveryLoopTest {
    private final DiscoveryStage stage = new DiscoveryStage();

    @AfterEach
    void close() {
        stage.close();
    }

    // ---- answers

    @Test
    void start_asksAtOnce_andTellsTheWholeList() {
        stage.start(backend(1), backend(2));
        assertThat(stage.calls).isEqualTo(1);
        assertThat(stage.told).containsExactly(List.of(backend(1), backend(2)));
        assertThat(stage.log.messages()).as("nothing to say about what works").isEmpty();
    }

    @Test
    void answer_thatIsTheSame_isNotToldAgain() {
        stage.start(backend(1), backend(2));
        stage.advance(INTERVAL);
        stage.answer = List.of(backend(2), backend(1));
        stage.advance(INTERVAL);
        assertThat(stage.calls).isEqualTo(3);
        assertThat(stage.told).hasSize(1);
    }

    @Test
    void answer_withANewBackend_isToldAtOnceBehindTheOthers() {
        stage.start(backend(2), backend(3));
        stage.answer = List.of(backend(1), backend(3), backend(2));
        stage.advance(INTERVAL);
        stage.assertToldLast(backend(2), backend(3), backend(1));
    }

    @Test
    void answer_withAnotherWeight_isTold() {
        stage.start(backend(1));
        stage.answer = List.of(backend(1).withWeight(7));
        stage.advance(INTERVAL);
        stage.assertToldLast(backend(1).withWeight(7));
    }

    @Test
    void answer_isCopied_andLaterChangesOfTheListAreNotSeen() {
        stage.start();
        List<Backend> list = new ArrayList<>(List.of(backend(1)));
        stage.answer = list;
        stage.advance(INTERVAL);
        list.clear();
        stage.assertToldLast(backend(1));
    }

    // ---- time

    @Test
    void calls_beginOneIntervalApart_howeverLongTheyTake() {
        stage.start(backend(1));
        stage.assertNextCallIn(INTERVAL);
        stage.clock.advance(INTERVAL);
        stage.runDue();
        stage.clock.advance(Duration.ofSeconds(4));
        stage.settle();
        stage.assertNextCallIn(INTERVAL.minusSeconds(4));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1L << 62})
    void calls_areSpread_by5Percent(long random) {
        stage.random = random;
        // nextDouble is made of the upper bits: 0.0, almost 1, and a quarter.
        double share = random == 0 ? -1 : random < 0 ? 1 : -0.5;
        stage.start(backend(1));
        long expected = INTERVAL.toNanos() + (long) (INTERVAL.toNanos() * 0.05 * share);
        stage.advance(Duration.ofNanos(expected - 1000));
        assertThat(stage.calls).isEqualTo(1);
        stage.advance(Duration.ofNanos(2000));
        assertThat(stage.calls).isEqualTo(2);
    }

    @Test
    void refresh_asksNow_andMovesTheSchedule() {
        stage.start(backend(1));
        stage.advance(Duration.ofSeconds(20));
        stage.loop.refresh();
        stage.settle();
        assertThat(stage.calls).isEqualTo(2);
        stage.assertNextCallIn(INTERVAL);
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void refresh_duringACall_asksOnceMoreWhenItIsBack() {
        stage.start(backend(1));
        stage.clock.advance(INTERVAL);
        stage.runDue();
        for (int i = 0; i < 10; i++) {
            stage.loop.refresh();
        }
        stage.runDue();
        assertThat(stage.work).hasSize(1);
        stage.settle();
        assertThat(stage.calls).isEqualTo(3);
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void intervals_shorterThanTheCalls_askOneAfterAnother() {
        stage.policy.interval(Duration.ofSeconds(1));
        stage.start(backend(1));
        for (int i = 2; i < 6; i++) {
            stage.clock.advance(Duration.ofSeconds(3));
            stage.runDue();
            assertThat(stage.work).as("never two at once").hasSize(1);
            stage.work.remove().run();
            stage.runDue();
            assertThat(stage.calls).isEqualTo(i);
        }
    }

    // ---- empty answers

    @Test
    void emptyAnswer_keepsTheLastGoodList_andIsSaidOnce() {
        stage.start(backend(1));
        stage.answer = List.of();
        for (int i = 0; i < 5; i++) {
            stage.advance(INTERVAL);
        }
        assertThat(stage.told).hasSize(1);
        assertThat(stage.log.messages())
                .containsExactly(
                        "orders: discovery stage answered without a backend; kept the last good list, 1 backend");
    }

    @Test
    void emptyAnswer_first_tellsNothing() {
        stage.start();
        assertThat(stage.told).isEmpty();
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage answered without a backend; no backend is known yet");
    }

    @Test
    void emptyAnswer_thatCounts_dropsAllAfterTheirTime() {
        stage.policy.keepOnEmpty(false).vanishedAfter(Duration.ofSeconds(10));
        stage.start(backend(1), backend(2));
        stage.answer = List.of();
        stage.advance(INTERVAL);
        stage.advance(Duration.ofSeconds(10).minus(NANO));
        assertThat(stage.told).hasSize(1);
        stage.advance(NANO);
        stage.assertToldLast();
        stage.advance(INTERVAL);
        assertThat(stage.told).hasSize(2);
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage answered without a backend, and empty answers count");
    }

    @Test
    void emptyAnswer_thatCounts_isToldWhenItIsTheFirst() {
        stage.policy.keepOnEmpty(false);
        stage.start();
        stage.assertToldLast();
    }
}
