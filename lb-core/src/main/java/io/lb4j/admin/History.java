package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.TcpProxyStats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Figures of one balancer over the last hour: a few numbers every ten seconds, in memory that does not grow. Confined to
 * the admin thread.
 */
final class History {
    static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Of each of these some kilobytes are kept; those that came later have no history. */
    static final int MOST_BACKENDS = 500;

    /** Rates a second, but for the gauges active and waiting; the last is in microseconds, 0 when nothing connected. */
    private static final List<String> OF_ALL = List.of(
            "connections", "active", "failures", "bytesToBackend", "bytesToClient", "waiting", "connectP99Micros");

    private static final List<String> OF_BACKEND = List.of("connections", "active", "failures");

    private final AdminClock clock;
    private final long[] times = new long[Track.KEPT];
    private final Track all = new Track(OF_ALL.size());
    private final Map<String, Track> backends = new HashMap<>();
    private final Map<String, Long> peaks = new HashMap<>();
    private long peak;
    private int size;
    private int next;

    /** Of all samples ever, which is the number of the last: the wall clock may step back, numbers do not. */
    private long count;

    private LoadBalancerStats before;
    private long beforeAt;

    History(AdminClock clock, LoadBalancer balancer) {
        this.clock = clock;
        before = balancer.stats();
        beforeAt = clock.nowNanos();
    }

    /** Keeps what happened since the last time. */
    void sample(LoadBalancerStats stats, List<BackendState> states) {
        long now = clock.nowNanos();
        double seconds = Math.max(1, now - beforeAt) / 1e9;
        times[next] = clock.nowMillis();
        LoadBalancerStats since = stats.minus(before);
        sampleAll(since, seconds);
        sampleBackends(since, seconds);
        seen(stats, states);
        before = stats;
        beforeAt = now;
        next = (next + 1) % Track.KEPT;
        size = Math.min(size + 1, Track.KEPT);
        count++;
    }

    private void sampleAll(LoadBalancerStats since, double seconds) {
        TcpProxyStats proxy = since.proxy();
        all.set(
                next,
                proxy.accepted() / seconds,
                (double) proxy.active(),
                proxy.connectFailuresTotal() / seconds,
                proxy.bytesToBackend() / seconds,
                proxy.bytesToClient() / seconds,
                (double) since.queue().waiting(),
                (double) TimeUnit.NANOSECONDS.toMicros(
                        proxy.connectTimes().atPercentile(99).toNanos()));
    }

    private void sampleBackends(LoadBalancerStats since, double seconds) {
        backends.keySet().retainAll(since.backends().keySet());
        since.backends().forEach((id, stats) -> {
            Track track = backends.size() < MOST_BACKENDS
                    ? backends.computeIfAbsent(id, any -> new Track(OF_BACKEND.size()))
                    : backends.get(id);
            if (track != null) {
                sample(track, stats, seconds);
            }
        });
    }

    private void sample(Track track, BackendStats since, double seconds) {
        track.set(next, since.connections() / seconds, (double) since.active(), since.connectFailuresTotal() / seconds);
    }

    /** How often accepting has paused since the last sample. */
    long acceptPauses(LoadBalancerStats stats) {
        return stats.proxy().acceptPauses() - before.proxy().acceptPauses();
    }

    // ---- the most that were open at a time, as far as anybody looked

    void seen(LoadBalancerStats stats, List<BackendState> states) {
        peak = Math.max(peak, stats.proxy().active());
        Map<String, BackendStats> own = stats.backends();
        peaks.keySet().retainAll(new HashSet<>(own.keySet()));
        for (BackendState state : states) {
            peaks.merge(state.backend().id(), (long) state.activeConnections(), Math::max);
        }
    }

    long peak() {
        return peak;
    }

    long peak(String backend) {
        return peaks.getOrDefault(backend, 0L);
    }

    // ---- for readers

    /** @param after the number of a sample: only those that came after it; all, when it is none of here */
    void write(Json json, long after) {
        int first = first(after);
        json.field("last", count);
        json.field("stepMillis", TimeUnit.NANOSECONDS.toMillis(STEP_NANOS));
        json.beginList("times");
        for (int i = first; i < size; i++) {
            json.element(times[slot(i)]);
        }
        json.endList().begin("total");
        write(json, OF_ALL, all, first);
        json.end().beginList("backends");
        backends.forEach((id, track) -> {
            json.beginElement().field("id", id);
            write(json, OF_BACKEND, track, first);
            json.end();
        });
        json.endList();
    }

    private void write(Json json, List<String> names, Track track, int first) {
        for (int figure = 0; figure < names.size(); figure++) {
            json.beginList(names.get(figure));
            for (int i = first; i < size; i++) {
                json.element(track.get(figure, slot(i)));
            }
            json.endList();
        }
    }

    private int first(long after) {
        return after > count ? 0 : size - (int) Math.min(size, count - after);
    }

    /** Where the one of this age is; 0 is the oldest. */
    private int slot(int index) {
        return (next - size + index + Track.KEPT) % Track.KEPT;
    }
}
