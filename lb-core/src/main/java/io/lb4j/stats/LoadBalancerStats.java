package io.lb4j.stats;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counters of a balancer since it started, at one moment.
 *
 * @param proxy connections and bytes over all backends
 * @param frontends the counters of each frontend that is there by its name, in the order in which they were added;
 *     unmodifiable
 * @param pools the counters of each pool by its name, the default one first; unmodifiable
 */
public record LoadBalancerStats(
        TcpProxyStats proxy, Map<String, FrontendStats> frontends, Map<String, PoolStats> pools) {
    public LoadBalancerStats {
        frontends = Collections.unmodifiableMap(new LinkedHashMap<>(frontends));
        pools = Collections.unmodifiableMap(new LinkedHashMap<>(pools));
    }

    /**
     * The counters of every backend of all pools by its id, pool by pool, in the order in which they were added;
     * unmodifiable.
     */
    public Map<String, BackendStats> backends() {
        if (pools.size() == 1) {
            return pools.values().iterator().next().backends();
        }
        Map<String, BackendStats> all = new LinkedHashMap<>();
        pools.values().forEach(pool -> all.putAll(pool.backends()));
        return Collections.unmodifiableMap(all);
    }

    /** The counters of the backend of this id, whichever pool it is in; empty when there was none. */
    public Optional<BackendStats> backend(String id) {
        for (PoolStats pool : pools.values()) {
            BackendStats stats = pool.backends().get(id);
            if (stats != null) {
                return Optional.of(stats);
            }
        }
        return Optional.empty();
    }

    /** Those who wait in all pools. */
    public QueueStats queue() {
        return pools.values().stream().map(PoolStats::queue).reduce(QueueStats.empty(), QueueStats::plus);
    }

    /**
     * What was counted since {@code earlier}. Gauges stay what they are now; a frontend, a pool or a backend new since then counts
     * whole, and so does one that has counted less than the one of its name had: it is another one.
     */
    public LoadBalancerStats minus(LoadBalancerStats earlier) {
        Map<String, FrontendStats> ofFrontends = new LinkedHashMap<>();
        frontends.forEach((name, stats) -> {
            FrontendStats before = earlier.frontends.get(name);
            ofFrontends.put(name, before == null || before.accepted() > stats.accepted() ? stats : stats.minus(before));
        });
        Map<String, PoolStats> differences = new LinkedHashMap<>();
        pools.forEach((name, stats) ->
                differences.put(name, stats.minus(earlier.pools.getOrDefault(name, PoolStats.empty()))));
        return new LoadBalancerStats(proxy.minus(earlier.proxy), ofFrontends, differences);
    }
}
