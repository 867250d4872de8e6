package io.lb4j;

import io.lb4j.backend.Backend;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pools that a balancer is to have, while its builder collects them. Not thread-safe. */
final class PoolPlan {
    /** By their names, in the order in which they were added. */
    private final Map<String, PoolConfig> named = new LinkedHashMap<>();

    /** @throws IllegalArgumentException when another one has this name, or a backend of the same id */
    void add(PoolConfig pool) {
        if (named.containsKey(pool.name())) {
            throw new IllegalArgumentException("pool: " + pool.name() + " (expected: one not added before)");
        }
        named.values().forEach(other -> refuseSameIds(pool, other));
        named.put(pool.name(), pool);
    }

    private static void refuseSameIds(PoolConfig pool, PoolConfig other) {
        Set<String> ids = other.backends().stream().map(Backend::id).collect(Collectors.toSet());
        pool.backends().stream().map(Backend::id).filter(ids::contains).forEach(id -> {
            throw new IllegalArgumentException("backend id: " + id
                    + " (expected: one that no backend of this balancer has; pool " + other.name() + " has it)");
        });
    }

    /**
     * All by their names, the default one first.
     *
     * @param defaultPool null when there is none
     * @throws IllegalStateException when there is no pool at all
     */
    Map<String, PoolConfig> all(@Nullable PoolConfig defaultPool) {
        if (defaultPool == null && named.isEmpty()) {
            throw new IllegalStateException("backend: none (expected: at least one, or a discovery)");
        }
        Map<String, PoolConfig> all = new LinkedHashMap<>();
        if (defaultPool != null) {
            all.put(defaultPool.name(), defaultPool);
        }
        all.putAll(named);
        return all;
    }

    /** @throws IllegalStateException when a frontend leads to none of these pools, or no frontend leads to one of them */
    static void refuseWhatLeadsNowhere(Map<String, Destination> leading, Set<String> pools) {
        leading.forEach((frontend, destination) -> destination.refuseIfNotAmong(pools, frontend));
        for (String pool : pools) {
            if (leading.values().stream().noneMatch(destination -> destination.mayLeadTo(pool))) {
                throw new IllegalStateException("pool " + pool
                        + ": no frontend leads to it (expected: a frontend with pool(\"" + pool + "\") or a route)");
            }
        }
    }
}
