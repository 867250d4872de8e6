package io.lb4j;

import io.lb4j.stats.PoolStats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The pools of one balancer at a moment, in the order in which they came. Never changed: there is another one instead. */
final class PoolsByName {
    private final List<Pool> list;
    private final Map<String, Pool> byName = new LinkedHashMap<>();

    PoolsByName(List<Pool> pools) {
        list = List.copyOf(pools);
        list.forEach(pool -> byName.put(pool.name(), pool));
    }

    PoolsByName with(Pool pool) {
        List<Pool> more = new ArrayList<>(list);
        more.add(pool);
        return new PoolsByName(more);
    }

    PoolsByName without(Pool pool) {
        List<Pool> others = new ArrayList<>(list);
        others.remove(pool);
        return new PoolsByName(others);
    }

    List<Pool> list() {
        return list;
    }

    @Nullable
    Pool find(String name) {
        return byName.get(name);
    }

    Pool get(String name) {
        Pool pool = byName.get(name);
        if (pool == null) {
            throw new NoSuchElementException(
                    "pool " + name + ": there is none (expected: one of " + byName.keySet() + ")");
        }
        return pool;
    }

    /** The pool that has this backend. */
    Pool of(String backend) {
        for (Pool pool : list) {
            if (pool.has(backend)) {
                return pool;
            }
        }
        List<String> ids = list.stream()
                .flatMap(pool -> pool.backends().list().stream())
                .map(state -> state.backend().id())
                .toList();
        throw new NoSuchElementException("backend id: " + backend + " (expected: one of " + ids + ")");
    }

    Map<String, PoolConfig> configs() {
        Map<String, PoolConfig> configs = new LinkedHashMap<>();
        list.forEach(pool -> configs.put(pool.name(), pool.config()));
        return configs;
    }

    Map<String, PoolStats> stats() {
        Map<String, PoolStats> stats = new LinkedHashMap<>();
        list.forEach(pool -> stats.put(pool.name(), pool.stats()));
        return stats;
    }

    /** How many backends there are, without those that leave. */
    int size() {
        return list.stream().mapToInt(pool -> pool.backendPool().size()).sum();
    }

    Set<String> names() {
        return byName.keySet();
    }
}
