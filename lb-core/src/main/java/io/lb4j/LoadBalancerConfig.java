package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.TcpProxyConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * The settings a balancer runs with.
 *
 * @param proxy where it listens, timeouts and limits
 * @param pools its pools by their names, the default one first; unmodifiable
 */
public record LoadBalancerConfig(TcpProxyConfig proxy, Map<String, PoolConfig> pools) {
    public LoadBalancerConfig {
        pools = Collections.unmodifiableMap(new LinkedHashMap<>(pools));
    }

    /**
     * The settings of the pool that is set up on the balancer's builder itself.
     *
     * @throws NoSuchElementException when the balancer has none but pools with names
     */
    public PoolConfig defaultPool() {
        PoolConfig pool = pools.get(Backend.DEFAULT_POOL);
        if (pool == null) {
            throw new NoSuchElementException(
                    "pool " + Backend.DEFAULT_POOL + ": there is none (expected: one of " + pools.keySet() + ")");
        }
        return pool;
    }
}
