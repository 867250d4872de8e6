package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lb4j.testing.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectTimeTest {
    private final ManualClock clock = ManualClock.create();
    private final ConnectTime time = new ConnectTime(clock);

    @Test
    void nanos_nothingKnown_isZero() {
        assertThat(time.nanos()).isZero();
    }

    @Test
    void add_longer_countsAtOnce() {
        time.add(1_000);
        assertThat(time.nanos()).isEqualTo(1_000);
        time.add(1_000_000);
        assertThat(time.nanos()).isEqualTo(1_000_000);
    }

    @Test
    void add_shorter_drawsItDownByTheAge() {
        time.add(1_000_000);
        clock.advance(Duration.ofSeconds(10));
        time.add(1_000);
        double expected = 1_000_000 * Math.exp(-1) + 1_000 * (1 - Math.exp(-1));
        assertThat((double) time.nanos()).isCloseTo(expected, within(1.0));
    }

    @Test
    void add_shorterAtTheSameTime_changesNothing() {
        time.add(1_000_000);
        time.add(1);
        assertThat(time.nanos()).isEqualTo(1_000_000);
    }

    @Test
    void nanos_silence_fadesAndIsNeverZeroAgain() {
        time.add(1_000_000);
        clock.advance(Duration.ofSeconds(20));
        assertThat((double) time.nanos()).isCloseTo(1_000_000 * Math.exp(-2), within(1.0));
        clock.advance(Duration.ofHours(10));
        assertThat(time.nanos()).isEqualTo(1);
        time.add(500);
        assertThat((double) time.nanos())
                .as("after a long silence a sample stands for itself")
                .isCloseTo(500, within(1.0));
    }

    @Test
    void add_clockWraps_goesOn() {
        ManualClock nearTheEnd = ManualClock.startingAt(Long.MAX_VALUE - 1_000_000_000L);
        ConnectTime wrapping = new ConnectTime(nearTheEnd);
        wrapping.add(1_000);
        nearTheEnd.advance(Duration.ofSeconds(2));
        wrapping.add(2_000);
        assertThat(wrapping.nanos()).isEqualTo(2_000);
    }
}
