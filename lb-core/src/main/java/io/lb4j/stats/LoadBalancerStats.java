package io.lb4j.stats;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counters of a balancer since it started, at one moment.
 *
 * @param proxy connections and bytes over all backends
 * @param backends the counters of each backend by its id, in the order in which they were added; unmodifiable
 * @param queue those who wait while all backends are full
 */
public record LoadBalancerStats(TcpProxyStats proxy, Map<String, BackendStats> backends, QueueStats queue) {
    public LoadBalancerStats {
        backends = Collections.unmodifiableMap(new LinkedHashMap<>(backends));
    }

    /**
     * What was counted since {@code earlier}. Gauges stay what they are now; a backend new since then counts whole, and so
     * does one that has counted less than the one of its id had: it is another one.
     */
    public LoadBalancerStats minus(LoadBalancerStats earlier) {
        Map<String, BackendStats> differences = new LinkedHashMap<>();
        backends.forEach((id, stats) -> {
            BackendStats before = earlier.backends.get(id);
            differences.put(id, before == null || stats.isOfAnother(before) ? stats : stats.minus(before));
        });
        return new LoadBalancerStats(proxy.minus(earlier.proxy), differences, queue.minus(earlier.queue));
    }
}
