package io.lb4j.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.event.CloseReason;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatsTest {
    private final TcpProxyStats earlier = new TcpProxyStats(
            10,
            5,
            Map.of(CloseReason.COMPLETED, 3L, CloseReason.CLIENT_RESET, 2L),
            11,
            1,
            1L << 40,
            200,
            7,
            6,
            1,
            1,
            1,
            1000);
    private final TcpProxyStats later = new TcpProxyStats(
            110,
            2,
            Map.of(CloseReason.COMPLETED, 103L, CloseReason.CLIENT_RESET, 2L, CloseReason.IDLE_TIMEOUT, 3L),
            131,
            21,
            (1L << 40) + 5,
            1200,
            17,
            16,
            3,
            4,
            5,
            9000);

    @Test
    void minus_ofProxyStats_isTheDifferenceOfCountersAndTheGaugeOfNow() {
        TcpProxyStats delta = later.minus(earlier);

        assertThat(delta.accepted()).isEqualTo(100);
        assertThat(delta.active()).isEqualTo(2);
        assertThat(delta.connectAttempts()).isEqualTo(120);
        assertThat(delta.connectFailures()).isEqualTo(20);
        assertThat(delta.bytesToBackend()).isEqualTo(5);
        assertThat(delta.bytesToClient()).isEqualTo(1000);
        assertThat(delta.pauses()).isEqualTo(10);
        assertThat(delta.resumes()).isEqualTo(10);
        assertThat(delta.acceptPauses()).isEqualTo(2);
        assertThat(delta.acceptFailures()).isEqualTo(3);
        assertThat(delta.guestFailures()).isEqualTo(4);
        assertThat(delta.loopTurns()).isEqualTo(8000);
        assertThat(delta.closed(CloseReason.COMPLETED)).isEqualTo(100);
        assertThat(delta.closed(CloseReason.CLIENT_RESET)).isZero();
        assertThat(delta.closed(CloseReason.IDLE_TIMEOUT)).isEqualTo(3);
        assertThat(delta.closed(CloseReason.STALL_TIMEOUT)).isZero();
        assertThat(delta.closedTotal()).isEqualTo(103);
        assertThat(delta.closed()).containsOnlyKeys(CloseReason.values());
    }

    @Test
    void minus_ofItself_isNothingButTheGauge() {
        TcpProxyStats nothing = later.minus(later);
        assertThat(nothing.closedTotal()).isZero();
        assertThat(nothing.accepted()).isZero();
        assertThat(nothing.active()).isEqualTo(2);
        assertThat(new BackendStats(1, 2, 3, 4, 5).minus(new BackendStats(1, 2, 3, 4, 5)))
                .isEqualTo(new BackendStats(1, 0, 0, 0, 0));
    }

    @Test
    void minus_ofBalancerStats_isThatOfItsPartsAndANewBackendCountsWhole() {
        Map<String, BackendStats> before = new LinkedHashMap<>();
        before.put("b", new BackendStats(1, 10, 2, 100, 1000));
        before.put("gone", new BackendStats(0, 1, 1, 1, 1));
        Map<String, BackendStats> now = new LinkedHashMap<>();
        now.put("b", new BackendStats(4, 15, 3, 160, 1700));
        now.put("a", new BackendStats(1, 1, 0, 9, 8));

        LoadBalancerStats delta = new LoadBalancerStats(later, now).minus(new LoadBalancerStats(earlier, before));

        assertThat(delta.proxy()).isEqualTo(later.minus(earlier));
        assertThat(delta.backends())
                .containsExactly(
                        Map.entry("b", new BackendStats(4, 5, 1, 60, 700)),
                        Map.entry("a", new BackendStats(1, 1, 0, 9, 8)));
    }

    @Test
    void stats_areSnapshots() {
        Map<String, BackendStats> backends = new HashMap<>();
        LoadBalancerStats stats = new LoadBalancerStats(later, backends);
        backends.put("late", new BackendStats(0, 0, 0, 0, 0));
        assertThat(stats.backends()).isEmpty();
        assertThatThrownBy(() -> stats.backends().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> later.closed().clear()).isInstanceOf(UnsupportedOperationException.class);
    }
}
