package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.TcpProxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The pools of one balancer. Read without a lock, changed under that of the control thread's object, which also keeps
 * settings from being changed by two at a time.
 */
final class Pools {
    final Shared shared;

    private volatile PoolsByName present;

    private volatile boolean ended;

    /** Nothing runs yet. */
    Pools(Shared shared, Collection<PoolConfig> configs) {
        this.shared = shared;
        present = new PoolsByName(
                configs.stream().map(config -> new Pool(config, this)).toList());
    }

    PoolsByName now() {
        return present;
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
        present.list().forEach(Pool::begin);
    }

    /** Asks for backends and, where that is to be waited for, checks them: all at a time, no longer than it was told. */
    void beforeServing() {
        List<Pool> pools = present.list();
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
        present.list().forEach(pool -> pool.upkeep().serving());
    }

    /** No further check, no further question, no change. Does not wait. */
    void end() {
        ended = true;
        try {
            end(present.list(), 0);
        } finally {
            shared.end();
        }
    }

    /** Each, whatever becomes of those before it. */
    private static void end(List<Pool> pools, int from) {
        for (int i = from; i < pools.size(); i++) {
            try {
                pools.get(i).end();
            } catch (VirtualMachineError shortage) {
                end(pools, i + 1);
                throw shortage;
            }
        }
    }

    /** Waits for checks and discoveries to return, until this time of {@link System#nanoTime}. */
    void awaitEnd(long deadline) throws InterruptedException {
        shared.awaitEnd(deadline);
        for (Pool pool : present.list()) {
            pool.upkeep().awaitEnd(deadline);
        }
    }

    /** Ports are to be open, or not, by who is UP now. Told again and again; takes no pool's lock. */
    void listeningChanged() {
        shared.frontends.listening(() -> present.list());
    }

    // ---- while it runs

    Pool add(PoolConfig config) {
        config.backends().forEach(this::refuseOwnListener);
        synchronized (shared.control) {
            refuseIfEnded();
            if (present.find(config.name()) != null) {
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
            present = present.with(pool);
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
            boolean isNews = present.find(pool.name()) == pool;
            if (isNews) {
                refuseIfReached(pool);
                // First: an empty one wants the port closed, maybe.
                present = present.without(pool);
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
            destination.refuseIfNotAmong(present.names(), settings.name());
            added = shared.frontends.add(
                    settings.name(),
                    destination,
                    serving -> serving.listen(settings, destination.router(this), destination.toString()));
            shared.announcer.tell(LoadBalancerListener::reconfigured);
        }
        listeningChanged();
        return added;
    }

    /** Those of the proxy and of the default pool; throws what {@link LoadBalancer#reconfigure} throws. */
    void reconfigure(TcpProxy running, Consumer<Reconfiguration> change) {
        synchronized (shared.control) {
            running.reconfigure(limits -> {
                Pool pool = present.find(Backend.DEFAULT_POOL);
                Reconfiguration reconfiguration = new Reconfiguration(pool == null ? null : pool.config(), limits);
                change.accept(reconfiguration);
                if (pool != null) {
                    pool.change(reconfiguration.changed(pool.config()));
                }
                shared.announcer.tell(LoadBalancerListener::reconfigured);
            });
        }
    }

    void reconfigure(Pool pool, Consumer<PoolReconfiguration> change) {
        synchronized (shared.control) {
            refuseIfEnded();
            if (present.find(pool.name()) != pool) {
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
