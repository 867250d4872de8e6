package io.lb4j;

import io.lb4j.internal.pool.BackendPool;
import io.lb4j.internal.pool.PoolRules;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Control;
import io.lb4j.stats.PoolStats;
import java.util.function.Consumer;

/**
 * A running pool of backends: one of those of a balancer, with its own selector, health checks, discovery and queue. Every
 * method can be called from any thread, listeners, selectors and health checkers included.
 */
public final class Pool {
    private final Pools all;
    private final Control.Part control;
    private final BackendPool pool;
    private final Upkeep upkeep;
    private final Backends backends;

    /** The settings now; changed by one thread at a time. */
    private volatile PoolConfig config;

    /** Nothing runs yet. */
    Pool(PoolConfig config, Pools all) {
        this.config = config;
        this.all = all;
        Shared shared = all.shared;
        control = shared.control.part();
        pool = new BackendPool(
                config.name(),
                rulesOf(config),
                shared.announcer,
                shared.ids,
                new BackendPool.Surroundings(control, shared.platform.nanoClock(), shared.platform.random()));
        Admission admission = new Admission(config.name(), config.eachBackend());
        upkeep = new Upkeep(config, pool, admission, control, all);
        backends = new Backends(pool, shared.promises, admission, all::refuseOwnListener);
    }

    private static PoolRules rulesOf(PoolConfig config) {
        return new PoolRules(
                config.selector(),
                config.selector().prefersEarlier(),
                config.slowStart().orElse(null),
                config.outlierDetection().orElse(null),
                config.whenNoneHealthy(),
                config.minimumHealthy(),
                config.onDown(),
                config.onRecovery(),
                config.queue().orElse(null));
    }

    /** The name by which the balancer knows it. */
    public String name() {
        return config.name();
    }

    /** Its backends and their status. */
    public Backends backends() {
        return backends;
    }

    /** The settings it runs with now. Of backends it has those it was started with; {@link #backends} has the others. */
    public PoolConfig config() {
        return config;
    }

    /** Counters of its backends since each was added, and of those who wait, at this moment. */
    public PoolStats stats() {
        return new PoolStats(pool.stats(), pool.queue());
    }

    /**
     * Changes settings while it runs: all that {@code change} sets, or, if it throws, nothing. They hold for new
     * connections.
     *
     * @param change is handed the present settings; what it throws is thrown
     * @throws IllegalStateException when the pool or the balancer is closed
     */
    public void reconfigure(Consumer<PoolReconfiguration> change) {
        all.reconfigure(this, Checks.notNull("change", change));
    }

    /**
     * Takes the pool out of the balancer: no new connection goes to its backends, which are told as removed, and its checks
     * and its discovery end. Connections that it has go on for as long as they like. Drains under way are called off.
     * Closing it twice does nothing.
     *
     * @throws IllegalStateException when new connections may be led to it
     */
    public void close() {
        all.close(this);
    }

    /** The name, and how many backends it has. */
    @Override
    public String toString() {
        return "Pool " + name() + ", " + pool.size() + " backends";
    }

    // ---- for the balancer

    BackendPool backendPool() {
        return pool;
    }

    Upkeep upkeep() {
        return upkeep;
    }

    /**
     * Its backends are there.
     *
     * @throws IllegalArgumentException when another pool has a backend of the same id; then nothing is
     */
    void begin() {
        pool.begin(upkeep, config.backends(), upkeep.unchecked());
    }

    /** The caller sees to it that nobody else changes settings meanwhile. */
    void change(PoolConfig changed) {
        PoolConfig before = config;
        pool.settings(rulesOf(changed));
        if (!changed.healthCheck().equals(before.healthCheck())) {
            changed.healthCheck().ifPresent(upkeep::policy);
        }
        config = changed;
    }

    boolean has(String backend) {
        return pool.has(backend);
    }

    /** With the balancer. Does not wait. */
    void end() {
        upkeep.end();
        pool.administration().end();
    }

    /** While the balancer goes on. Can be called again, when there was no memory for it. */
    void leave() {
        upkeep.end();
        pool.administration().close();
        control.end();
    }
}
