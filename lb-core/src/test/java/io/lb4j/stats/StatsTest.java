package io.lb4j.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatsTest {
    private final TcpProxyStats earlier = new TcpProxyStats(
            10,
            5,
            Map.of(CloseReason.COMPLETED, 3L, CloseReason.CLIENT_RESET, 2L),
            11,
            Map.of(ConnectFailure.REFUSED, 1L),
            DurationHistogram.empty(),
            1L << 40,
            200,
            7,
            6,
            2,
            1,
            1,
            1,
            1000);
    private final TcpProxyStats later = new TcpProxyStats(
            110,
            2,
            Map.of(CloseReason.COMPLETED, 103L, CloseReason.CLIENT_RESET, 2L, CloseReason.IDLE_TIMEOUT, 3L),
            131,
            Map.of(ConnectFailure.REFUSED, 15L, ConnectFailure.TIMED_OUT, 6L),
            DurationHistogram.of(1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
            (1L << 40) + 5,
            1200,
            17,
            16,
            32,
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
        assertThat(delta.connectFailuresTotal()).isEqualTo(20);
        assertThat(delta.connectFailures(ConnectFailure.REFUSED)).isEqualTo(14);
        assertThat(delta.connectTimes().total()).isEqualTo(8);
        assertThat(delta.bytesToBackend()).isEqualTo(5);
        assertThat(delta.bytesToClient()).isEqualTo(1000);
        assertThat(delta.pauses()).isEqualTo(10);
        assertThat(delta.resumes()).isEqualTo(10);
        assertThat(delta.bandwidthPauses()).isEqualTo(30);
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
        assertThat(backend(1, 2, 3, 4, 5).minus(backend(1, 2, 3, 4, 5))).isEqualTo(backend(1, 0, 0, 0, 0));
    }

    /** Removed, and another one added under its id: what it has counted since is all it has counted. */
    @Test
    void minus_ofAnotherBackendOfTheId_countsWhole() {
        LoadBalancerStats before = stats(earlier, Map.of("a", backend(1, 200, 3, 4, 5)));
        BackendStats other = backend(1, 2, 3, 4, 5);
        assertThat(stats(later, Map.of("a", other)).minus(before).backends()).isEqualTo(Map.of("a", other));
    }

    @Test
    void minus_ofBalancerStats_isThatOfItsPartsAndANewBackendCountsWhole() {
        Map<String, BackendStats> before = new LinkedHashMap<>();
        before.put("b", backend(1, 10, 2, 100, 1000));
        before.put("gone", backend(0, 1, 1, 1, 1));
        Map<String, BackendStats> now = new LinkedHashMap<>();
        now.put("b", backend(4, 15, 3, 160, 1700));
        now.put("a", backend(1, 1, 0, 9, 8));

        LoadBalancerStats delta = stats(later, now).minus(stats(earlier, before));

        assertThat(delta.proxy()).isEqualTo(later.minus(earlier));
        assertThat(delta.backends())
                .containsExactly(Map.entry("b", backend(4, 5, 1, 60, 700)), Map.entry("a", backend(1, 1, 0, 9, 8)));
    }

    @Test
    void pools_areCountedEachForItself_andTogether() {
        LoadBalancerStats before = new LoadBalancerStats(
                earlier,
                Map.of(),
                Map.of("default", new PoolStats(Map.of("a", backend(1, 10, 2, 100, 1000)), queue(1, 5, 3))));
        Map<String, PoolStats> pools = new LinkedHashMap<>();
        pools.put("default", new PoolStats(Map.of("a", backend(1, 15, 3, 160, 1700)), queue(2, 7, 4)));
        pools.put("api", new PoolStats(Map.of("b", backend(1, 1, 0, 9, 8)), queue(1, 9, 5)));
        LoadBalancerStats now = new LoadBalancerStats(later, Map.of(), pools);

        assertThat(now.backends()).containsOnlyKeys("a", "b");
        assertThat(List.copyOf(now.backends().keySet())).containsExactly("a", "b");
        assertThat(now.backend("b")).contains(backend(1, 1, 0, 9, 8));
        assertThat(now.backend("c")).isEmpty();
        assertThat(now.queue()).isEqualTo(queue(3, 9, 9));
        LoadBalancerStats delta = now.minus(before);
        assertThat(delta.pools()).containsOnlyKeys("default", "api");
        assertThat(delta.backend("a")).contains(backend(1, 5, 1, 60, 700));
        assertThat(delta.backend("b")).contains(backend(1, 1, 0, 9, 8));
        assertThat(delta.queue()).isEqualTo(queue(3, 9, 6));
        assertThat(new LoadBalancerStats(later, Map.of(), Map.of()).queue()).isEqualTo(QueueStats.empty());
        assertThatThrownBy(() -> now.pools().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> now.backends().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    /** Closed, and another one added under its name. */
    @Test
    void minus_ofAnotherPoolOfTheName_countsWhole() {
        LoadBalancerStats before =
                new LoadBalancerStats(earlier, Map.of(), Map.of("api", new PoolStats(Map.of(), queue(0, 0, 9))));
        LoadBalancerStats now =
                new LoadBalancerStats(later, Map.of(), Map.of("api", new PoolStats(Map.of(), queue(0, 0, 2))));
        assertThat(now.minus(before).queue()).isEqualTo(queue(0, 0, 2));
    }

    private static QueueStats queue(long waiting, int longestSeconds, long waits) {
        long[] counts = new long[DurationHistogram.BUCKETS];
        counts[1] = waits;
        return new QueueStats(waiting, Duration.ofSeconds(longestSeconds), DurationHistogram.of(counts));
    }

    @Test
    void refused_andEnded_areAllThatClosed() {
        Map<CloseReason, Long> closed = Map.of(CloseReason.COMPLETED, 3L, CloseReason.NO_BACKEND, 2L);
        TcpProxyStats stats =
                new TcpProxyStats(6, 1, closed, 4, Map.of(), DurationHistogram.empty(), 0, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThat(stats.refused()).containsExactly(Map.entry(CloseReason.NO_BACKEND, 2L));
        assertThat(stats.endedTotal()).isEqualTo(3);
        assertThat(stats.accepted()).isEqualTo(stats.active() + stats.refusedTotal() + stats.endedTotal());
    }

    @Test
    void histogram_countsInBucketsWhoseBoundsAreIncluded() {
        assertThat(DurationHistogram.bucketOf(0)).isZero();
        assertThat(DurationHistogram.bucketOf(100_000)).isZero();
        assertThat(DurationHistogram.bucketOf(100_001)).isEqualTo(1);
        assertThat(DurationHistogram.bucketOf(5_000_000_000L)).isEqualTo(DurationHistogram.BUCKETS - 2);
        assertThat(DurationHistogram.bucketOf(Long.MAX_VALUE)).isEqualTo(DurationHistogram.BUCKETS - 1);
        assertThat(DurationHistogram.bounds())
                .hasSize(DurationHistogram.BUCKETS - 1)
                .isSorted();
        assertThatThrownBy(() -> DurationHistogram.of(1, 2)).hasMessage("counts: 2 (expected: 16)");
    }

    @Test
    void percentile_isTheBoundOfItsBucket() {
        DurationHistogram times = DurationHistogram.of(90, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
        assertThat(times.atPercentile(0)).isEqualTo(Duration.ofNanos(100_000));
        assertThat(times.atPercentile(90)).isEqualTo(Duration.ofNanos(100_000));
        assertThat(times.atPercentile(91)).isEqualTo(Duration.ofMillis(1));
        assertThat(times.atPercentile(100)).isEqualTo(Duration.ofSeconds(5));
        assertThat(DurationHistogram.empty().atPercentile(50)).isZero();
        assertThatThrownBy(() -> times.atPercentile(101)).hasMessage("percentile: 101.0 (expected: 0..100)");
    }

    @Test
    void stats_areSnapshots() {
        Map<String, BackendStats> backends = new HashMap<>();
        LoadBalancerStats stats = stats(later, backends);
        backends.put("late", backend(0, 0, 0, 0, 0));
        assertThat(stats.backends()).isEmpty();
        assertThatThrownBy(() -> stats.backends().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> later.closed().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    private static LoadBalancerStats stats(TcpProxyStats proxy, Map<String, BackendStats> backends) {
        return new LoadBalancerStats(proxy, Map.of(), Map.of("default", new PoolStats(backends, QueueStats.empty())));
    }

    private static BackendStats backend(long active, long connections, long failures, long toBackend, long toClient) {
        long[] connectTimes = new long[DurationHistogram.BUCKETS];
        connectTimes[2] = connections;
        return new BackendStats(
                active,
                connections + failures,
                allOf(ConnectFailure.REFUSED, failures),
                DurationHistogram.of(connectTimes),
                allOf(CloseReason.COMPLETED, toBackend),
                toBackend,
                toClient,
                connections,
                failures,
                failures);
    }

    private static <K extends Enum<K>> Map<K, Long> allOf(K one, long count) {
        Map<K, Long> counts = new EnumMap<>(one.getDeclaringClass());
        for (K key : one.getDeclaringClass().getEnumConstants()) {
            counts.put(key, key == one ? count : 0);
        }
        return counts;
    }
}
