package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LameDuckTest {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final LameDuck lameDuck = new LameDuck();

    @Test
    void take_beforeItsTime_isNothing() {
        assertThat(lameDuck.takeIfOver(5)).isNull();
        lameDuck.announce(100, GRACE);
        assertThat(lameDuck.takeIfOver(99)).isNull();
    }

    @Test
    void take_fromItsTimeOn_isTheRestOfTheGraceOnce() {
        lameDuck.announce(100, GRACE);
        assertThat(lameDuck.takeIfOver(101)).isEqualTo(GRACE.minusNanos(1));
        assertThat(lameDuck.takeIfOver(102)).isNull();
    }

    @Test
    void announce_twice_theEarlierBeginAndTheEarlierEndHold() {
        lameDuck.announce(100, GRACE);
        lameDuck.announce(200, Duration.ZERO);
        assertThat(lameDuck.takeIfOver(100)).isEqualTo(Duration.ofNanos(100));
        lameDuck.announce(200, Duration.ZERO);
        lameDuck.announce(100, GRACE);
        assertThat(lameDuck.takeIfOver(100)).isEqualTo(Duration.ofNanos(100));
    }

    @Test
    void announce_againBecauseTheDrainCouldNotBegin_isTakenAgain() {
        lameDuck.announce(Long.MAX_VALUE - 1, GRACE);
        assertThat(lameDuck.takeIfOver(Long.MIN_VALUE + 5))
                .as("the clock may wrap")
                .isEqualTo(GRACE.minusNanos(7));
        lameDuck.announce(Long.MIN_VALUE + 5, GRACE);
        assertThat(lameDuck.takeIfOver(Long.MIN_VALUE + 5)).isEqualTo(GRACE);
    }
}
