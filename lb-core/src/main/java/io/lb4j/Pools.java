package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.stats.PoolStats;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pools of one balancer. Read without a lock, changed under that of the control thread's object, which also keeps
 * settings from being changed by two at a time.
 */
final class Pools {
    final Shared shared;

    /** In the order in which they came. Never changed: there is another one instead. */
    private volatile Map<String, Pool> byName;

    private volatile boolean ended;

    /** Nothing runs yet. */
    Pools(Shared shared, Collection<PoolConfig> configs) {
        this.shared = shared;
        Map<String, Pool> pools = new LinkedHashMap<>();
        configs.forEach(config -> pools.put(config.name(), new Pool(config, this)));
        byName = pools;
    }

    // ---- looking

    List<Pool> all() {
        return List.copyOf(byName.values());
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
        for (Pool pool : byName.values()) {
            if (pool.has(backend)) {
                return pool;
            }
        }
        List<String> ids = byName.values().stream()
                .flatMap(pool -> pool.backends().list().stream())
                .map(state -> state.backend().id())
                .toList();
        throw new NoSuchElementException("backend id: " + backend + " (expected: one of " + ids + ")");
    }

    Map<String, PoolConfig> configs() {
        Map<String, PoolConfig> configs = new LinkedHashMap<>();
        byName.forEach((name, pool) -> configs.put(name, pool.config()));
        return configs;
    }

    Map<String, PoolStats> stats() {
        Map<String, PoolStats> stats = new LinkedHashMap<>();
        byName.forEach((name, pool) -> stats.put(name, pool.stats()));
        return stats;
    }

    /** How many backends there are, without those that leave. */
    int size() {
        return byName.values().stream()
                .mapToInt(pool -> pool.backendPool().size())
                .sum();
    }

    Set<String> names() {
        return byName.keySet();
    }

    void refuseOwnListener(Backend backend) {
        TcpProxy running = shared.proxy.get();
        if (running != null) {
            running.refuseOwnListener(backend);
        }
    }

    // ---- from the start to the end

    /** Their backends are there; throws what {@link Pool#begin} throws. */
    void begin() {
        byName.values().forEach(Pool::begin);
    }

    /** Asks for backends and, where that is to be waited for, checks them: all at a time, no longer than it was told. */
    void beforeServing() {
        List<Pool> pools = all();
        pools.forEach(pool -> pool.upkeep().ask());
        long asked = System.nanoTime();
        pools.forEach(pool -> pool.upkeep().awaitAnswer(asked));
        List<CompletableFuture<Void>> checks = new ArrayList<>();
        pools.forEach(pool -> checks.add(pool.upkeep().checkBeforeServing()));
        long began = System.nanoTime();
        for (int i = 0; i < checks.size(); i++) {
            pools.get(i).upkeep().awaitChecks(checks.get(i), began);
        }
    }

    void serving() {
        byName.values().forEach(pool -> pool.upkeep().serving());
    }

    /** No further check, no further question, no change. Does not wait. */
    void end() {
        ended = true;
        try {
            end(byName.values().toArray(Pool[]::new), 0);
        } finally {
            shared.end();
        }
    }

    /** Each, whatever becomes of those before it. */
    private static void end(Pool[] pools, int from) {
        for (int i = from; i < pools.length; i++) {
            try {
                pools[i].end();
            } catch (VirtualMachineError shortage) {
                end(pools, i + 1);
                throw shortage;
            }
        }
    }

    /** Waits for checks and discoveries to return, until this time of {@link System#nanoTime}. */
    void awaitEnd(long deadline) throws InterruptedException {
        shared.awaitEnd(deadline);
        for (Pool pool : byName.values()) {
            pool.upkeep().awaitEnd(deadline);
        }
    }

    /** Ports are to be open, or not, by who is UP now. Told again and again; takes no pool's lock. */
    void listeningChanged() {
        shared.frontends.listening(() -> byName.values());
    }

    // ---- while it runs

    Pool add(PoolConfig config) {
        config.backends().forEach(this::refuseOwnListener);
        synchronized (shared.control) {
            refuseIfEnded();
            if (byName.containsKey(config.name())) {
                throw new IllegalArgumentException(
                        "pool: " + config.name() + " (expected: a name that no pool of this balancer has)");
            }
            Pool pool = new Pool(config, this);
            try {
                pool.begin();
            } catch (Throwable refused) {
                pool.leave();
                throw refused;
            }
            Map<String, Pool> more = new LinkedHashMap<>(byName);
            more.put(config.name(), pool);
            byName = more;
            endIfLate(pool);
            shared.announcer.info("pool " + config.name() + " added");
            shared.announcer.tell(LoadBalancerListener::reconfigured);
            pool.upkeep().servingAtOnce();
            return pool;
        }
    }

    /** Whoever ends all pools does so without a lock, and may have missed this one. */
    private void endIfLate(Pool late) {
        if (ended) {
            late.end();
            refuseIfEnded();
        }
    }

    void close(Pool pool) {
        synchronized (shared.control) {
            boolean isNews = byName.get(pool.name()) == pool;
            if (isNews) {
                refuseIfReached(pool);
                // First: an empty one wants the port closed, maybe.
                Map<String, Pool> others = new LinkedHashMap<>(byName);
                others.remove(pool.name());
                byName = others;
            }
            pool.leave();
            if (isNews) {
                shared.announcer.info("pool " + pool.name() + " removed");
                shared.announcer.tell(LoadBalancerListener::reconfigured);
            }
        }
        // What it wanted counts no more.
        listeningChanged();
    }

    private void refuseIfReached(Pool pool) {
        String frontend = shared.frontends.leadingTo(pool.name());
        if (frontend != null && !ended) {
            throw new IllegalStateException("pool " + pool.name() + ": frontend " + frontend
                    + " leads to it (expected: a pool that no frontend leads to)");
        }
    }

    /** Listens on one more place; throws what {@link LoadBalancer#listen} throws. */
    Frontend listen(FrontendBuilder settings) {
        Destination destination = settings.destination();
        Frontend added;
        // No pool goes meanwhile.
        synchronized (shared.control) {
            refuseIfEnded();
            destination.refuseIfNotAmong(names(), settings.name());
            added = shared.frontends.add(
                    settings.name(),
                    destination,
                    serving -> serving.listen(settings, destination.router(this), destination.toString()));
            shared.announcer.tell(LoadBalancerListener::reconfigured);
        }
        listeningChanged();
        return added;
    }

    void reconfigure(Pool pool, Consumer<PoolReconfiguration> change) {
        synchronized (shared.control) {
            refuseIfEnded();
            if (byName.get(pool.name()) != pool) {
                throw new IllegalStateException("pool " + pool.name() + " of " + shared.name + " is closed");
            }
            PoolConfig before = pool.config();
            PoolReconfiguration reconfiguration = new PoolReconfiguration(before);
            change.accept(reconfiguration);
            pool.change(reconfiguration.changed(before));
            shared.announcer.tell(LoadBalancerListener::reconfigured);
        }
    }

    private void refuseIfEnded() {
        TcpProxy running = shared.proxy.get();
        if (ended || running == null || running.isClosed()) {
            throw new IllegalStateException(shared.name + " is closed");
        }
    }
}
