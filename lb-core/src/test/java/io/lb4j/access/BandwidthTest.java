package io.lb4j.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BandwidthTest {
    @Test
    void bandwidth_ofOneDirection_leavesTheOther() {
        Bandwidth bandwidth = Bandwidth.of(limit -> limit.toClient(1_000_000));
        assertThat(bandwidth.toClient()).hasValue(1_000_000);
        assertThat(bandwidth.toBackend()).isEmpty();
        assertThat(bandwidth.burst()).isEqualTo(Duration.ofMillis(100));
        assertThat(bandwidth.toBuilder().build()).isEqualTo(bandwidth);
        assertThat(bandwidth.toBuilder()
                        .toBackend(7)
                        .burst(Duration.ofSeconds(2))
                        .build())
                .isEqualTo(Bandwidth.of(
                        limit -> limit.toBackend(7).toClient(1_000_000).burst(Duration.ofSeconds(2))));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1_000_000_000_001L, Long.MAX_VALUE})
    void rate_outOfRange_isRefusedOnItsLine(long rate) {
        assertThatThrownBy(() -> Bandwidth.builder().toBackend(rate))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bandwidth toBackend: " + rate + " (expected: 1..1000000000000)");
        assertThatThrownBy(() -> Bandwidth.builder().toClient(rate))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bandwidth toClient: " + rate + " (expected: 1..1000000000000)");
    }

    @Test
    void rate_atItsEnds_isTaken() {
        Bandwidth bandwidth = Bandwidth.of(limit -> limit.toBackend(1).toClient(1_000_000_000_000L));
        assertThat(bandwidth.toBackend()).hasValue(1);
        assertThat(bandwidth.toClient()).hasValue(1_000_000_000_000L);
    }

    @Test
    void bandwidth_ofNoDirection_isRefused() {
        assertThatThrownBy(() -> Bandwidth.of(limit -> limit.burst(Duration.ofSeconds(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bandwidth: none set (expected: toBackend or toClient)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT0.009999999S", "PT1M0.000000001S"})
    void burst_outOfRange_isRefused(Duration burst) {
        assertThatThrownBy(() -> Bandwidth.builder().burst(burst))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bandwidth burst: " + burst);
    }

    @Test
    void burst_ofNull_isRefused() {
        assertThatThrownBy(() -> Bandwidth.builder().burst(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Bandwidth.of(null)).isInstanceOf(NullPointerException.class);
    }
}
