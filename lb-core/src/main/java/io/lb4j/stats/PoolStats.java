package io.lb4j.stats;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counters of one pool of backends since it was there, at one moment.
 *
 * @param backends the counters of each backend by its id, in the order in which they were added; unmodifiable
 * @param queue those who wait while all backends are full
 */
public record PoolStats(Map<String, BackendStats> backends, QueueStats queue) {
    public PoolStats {
        backends = Collections.unmodifiableMap(new LinkedHashMap<>(backends));
    }

    /** Nothing has ever been counted. */
    static PoolStats empty() {
        return new PoolStats(Map.of(), QueueStats.empty());
    }

    /**
     * What was counted since {@code earlier}. Gauges stay what they are now; a backend new since then counts whole, and so
     * does one that has counted less than the one of its id had: it is another one.
     */
    public PoolStats minus(PoolStats earlier) {
        Map<String, BackendStats> differences = new LinkedHashMap<>();
        backends.forEach((id, stats) -> {
            BackendStats before = earlier.backends.get(id);
            differences.put(id, before == null || stats.isOfAnother(before) ? stats : stats.minus(before));
        });
        return new PoolStats(differences, queue.isOfAnother(earlier.queue) ? queue : queue.minus(earlier.queue));
    }
}
