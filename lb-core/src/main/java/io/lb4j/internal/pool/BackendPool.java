package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.CheckResult;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.health.OnDown;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.health.HealthSink;
import io.lb4j.internal.util.Indexes;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.internal.util.Watched;
import io.lb4j.proxy.PlaceInLine;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.proxy.Waiter;
import io.lb4j.selection.ClientConnection;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.QueueStats;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The backends of one pool: where connections go, and what checks and connections make of a backend. Every method can be
 * called from any thread.
 */
public final class BackendPool implements Router, HealthSink, Watched.Host {
    /** Where a pool takes its control thread, time and chance from. */
    public record Surroundings(Scheduler control, LongSupplier nanoClock, RandomGenerator random) {}

    private final LongSupplier nanoClock;
    private final Announcer announcer;
    private final PoolState state;
    private final Failover failover = new Failover(this);
    private final Outliers outliers;
    private final Administration administration;
    private final Dispatch dispatch;
    private final LoopReports reports;
    private volatile PoolHooks hooks = new NoHooks();

    /** A pool on its own. */
    public BackendPool(PoolRules settings, Announcer announcer, Surroundings surroundings) {
        this(Backend.DEFAULT_POOL, settings, announcer, new BackendIds(), surroundings);
    }

    /**
     * A pool without backends, so far.
     *
     * @param ids those of all pools of the balancer
     */
    public BackendPool(
            String name, PoolRules settings, Announcer announcer, BackendIds ids, Surroundings surroundings) {
        // What may be needed first when this process runs short of descriptors, and could not be loaded then.
        Preload.classes(
                CandidateList.class,
                Charge.class,
                Dispatch.class,
                Drain.class,
                Ejection.class,
                Health.class,
                Indexes.class,
                Member.class,
                Replacement.class,
                WaitingPlace.class,
                WarmUp.class);
        nanoClock = surroundings.nanoClock();
        this.announcer = announcer;
        state = new PoolState(settings, announcer, ids.of(name), nanoClock, failover);
        state.snapshot().candidates().without(); // loads what a list without somebody needs
        outliers = new Outliers(state, surroundings.control(), surroundings.random());
        dispatch = new Dispatch(state, surroundings);
        administration = new Administration(this, state, outliers, announcer, surroundings.control());
        reports = new LoopReports(this, outliers, dispatch, administration);
        surroundings.control().audit(this::audit);
    }

    /**
     * What follows from changes goes there; and these are the backends it begins with, none of which warms up. Called
     * once, before anything else.
     *
     * @param initial what is known of a backend that has not been checked
     */
    public void begin(PoolHooks connected, List<Backend> backends, Health initial) {
        hooks = connected;
        administration.begin(backends, initial);
    }

    public Administration administration() {
        return administration;
    }

    PoolHooks hooks() {
        return hooks;
    }

    PooledBackend place(Backend backend) {
        return new PooledBackend(backend, reports, nanoClock);
    }

    /** Every backend, for whoever checks them. */
    @Override
    public List<? extends CheckedBackend> places() {
        return state.snapshot().members().stream().map(Member::place).toList();
    }

    public PoolRules settings() {
        return state.settings();
    }

    /** Holds for new connections. */
    public void settings(PoolRules changed) {
        state.settings(changed);
        administration.settingsChanged();
    }

    /** Who is with a loop that chooses. */
    @Override
    public Object guest() {
        return state.settings().selector();
    }

    // ---- connections

    @Override
    public @Nullable Route next(ClientConnection connection, List<Route> failed) {
        return dispatch.next(connection, failed);
    }

    @Override
    public @Nullable PlaceInLine join(Waiter waiter) {
        return dispatch.join(waiter);
    }

    PoolSnapshot snapshotNow() {
        return state.snapshotNow();
    }

    // ---- checks

    @Override
    public void checked(CheckedBackend backend, Health health) {
        synchronized (state.lock) {
            boolean hadEnough = state.snapshot().hasEnough();
            Member before = state.snapshot().find(backend);
            if (before == null) {
                return;
            }
            CheckResult result = health.last();
            if (result != null) {
                before.place().counters().checked(result.passed());
                announcer.tell(listener -> listener.healthCheckEnded(new HealthCheckEnded(before.backend(), result)));
            }
            Member after = before.with(health);
            Ejection ejection = before.ejection();
            if (ejection != null && ejection.isRefutedBy(health)) {
                after = outliers.ended(after);
            }
            state.change(before, after);
            boolean isNews =
                    before.health().up() != health.up() || before.health().isUnchecked();
            if (isNews && state.settings().onDown() == OnDown.CLOSE) {
                failover.changed(state.snapshot(), after, hadEnough);
            }
        }
    }

    /** Sees to it that what should have followed from changes has followed. */
    private void audit() {
        failover.audit(state.snapshot(), state.settings().onDown());
    }

    /** Whether as many can be chosen as have to be. */
    public boolean hasEnough() {
        return state.snapshot().hasEnough();
    }

    /** Whether new connections are to come; the port is to be closed otherwise. */
    public boolean isOpen() {
        return state.snapshot().isOpen();
    }

    // ---- for readers

    /** Whether there is a backend of this id. */
    public boolean has(String id) {
        synchronized (state.lock) {
            return state.find(id) != null;
        }
    }

    /** How many there are without those that leave. */
    public int size() {
        return state.snapshot().size();
    }

    /** What is known of every backend, in the order in which they were added. */
    public List<BackendState> states() {
        Instant wallClock = Instant.now();
        long now = nanoClock.getAsLong();
        Map<PooledBackend, Long> limits = administration.drainLimits();
        return state.snapshot().members().stream()
                .map(member -> member.state(limits.get(member.place()), wallClock, now))
                .toList();
    }

    /** What is known of one backend; throws {@link java.util.NoSuchElementException} when there is none of this id. */
    public BackendState state(String id) {
        synchronized (state.lock) {
            Member member = state.get(id);
            Long limit = administration.drainLimits().get(member.place());
            return member.state(limit, Instant.now(), nanoClock.getAsLong());
        }
    }

    /** The counters of every backend by its id, in the order in which they were added. */
    public Map<String, BackendStats> stats() {
        Map<String, BackendStats> stats = new LinkedHashMap<>();
        for (Member member : state.snapshot().members()) {
            stats.put(member.backend().id(), member.place().stats());
        }
        return stats;
    }

    /** The figures of those who wait. */
    public QueueStats queue() {
        return dispatch.stats();
    }
}
