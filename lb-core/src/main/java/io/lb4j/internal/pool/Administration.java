package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.proxy.DrainResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What an operator, or a discovery, does to the backends of a running pool. Every method can be called from any thread;
 * those that take an id throw {@link NoSuchElementException} when there is no such backend, and those that change
 * something {@link IllegalStateException} when the pool has ended.
 */
public final class Administration {
    private final BackendPool pool;
    private final PoolState state;
    private final Announcer announcer;
    private final Scheduler control;
    private final Drains drains;
    private final Departures departures;
    private final Arrivals arrivals;
    private final Advisor advisor;

    /** What has ended, in words; null while nothing has. Guarded by the pool's lock. */
    private @Nullable String ended;

    Administration(BackendPool pool, PoolState state, Outliers outliers, Announcer announcer, Scheduler control) {
        this.pool = pool;
        this.state = state;
        this.announcer = announcer;
        this.control = control;
        drains = new Drains(pool, state, announcer, control);
        departures = new Departures(pool, state, outliers, announcer, drains);
        arrivals = new Arrivals(pool, state, departures, announcer);
        advisor = new Advisor(state, announcer);
        control.audit(this::audit);
    }

    void begin(List<Backend> backends, Health unchecked) {
        synchronized (state.lock) {
            arrivals.first(backends, unchecked);
        }
        advisor.changed();
        control.execute(advisor::adviseIfChanged);
    }

    /** Another selector. */
    void settingsChanged() {
        advisor.changed();
    }

    /**
     * Adds a backend, the last in the order. One that leaves, of this id and at this place, is here again.
     *
     * @throws IllegalArgumentException when there is one of this id that does not leave
     */
    public void add(Backend backend) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member other = state.find(backend.id());
            if (other != null && !other.isLeaving()) {
                throw new IllegalArgumentException(
                        "backend id: " + backend.id() + " (expected: one that no backend of this balancer has)");
            }
            Member known = Replacement.known(state, backend);
            state.claims.claim(backend.id());
            try {
                if (known != null) {
                    departures.calledOff(known, state.comeBack(known, backend));
                } else {
                    arrivals.add(backend, other);
                }
            } catch (Throwable failure) {
                state.claims.releaseUnused();
                throw failure;
            }
            advisor.changed();
        }
        drains.endCalledOff();
    }

    /**
     * When this returns, no connection goes there any more; those there are have the grace, or for ever if null. It stays
     * in the list until the last of them has ended.
     */
    public CompletableFuture<DrainResult> remove(String id, @Nullable Duration grace) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
            // In this order: whoever finds it closed and looks again does not find it again.
            Member leaving = state.leave(member);
            advisor.changed();
            return departures.of(member, leaving, grace).result();
        }
    }

    /** Takes it out as {@link #remove} does, but it stays in the list, and can be put back. */
    public CompletableFuture<DrainResult> drain(String id, @Nullable Duration grace) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
            if (!member.isLeaving()) {
                state.change(member, member.with(Admin.DRAINING));
            }
            return drains.begin(member.place(), member.place().close(), grace).result();
        }
    }

    /** Takes it out; what it has goes on. A drain under way is called off. */
    public void disable(String id) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.present(id);
            state.change(member, member.with(Admin.DISABLED));
            drains.callOff(member.place());
            member.place().close();
        }
        drains.endCalledOff();
    }

    /** Puts it back, if it was disabled or draining. */
    public void enable(String id) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.present(id);
            drains.callOff(member.place());
            member.place().open();
            state.change(member, member.with(Admin.ENABLED));
        }
        drains.endCalledOff();
    }

    /** Gives it another weight, 0..1000, which it keeps when it is in another list. */
    public void weight(String id, int weight) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.present(id);
            Backend changed = member.backend().withWeight(weight);
            member.place().keepWeight(weight);
            member.place().become(changed);
            state.change(member, member.with(changed));
            advisor.changed();
        }
    }

    /** Those that are removed may keep their connections for ever. */
    public BackendChanges replaceAll(List<Backend> backends) {
        return replaceAll(backends, null);
    }

    /** Makes these the backends, all at once. What is not among them is removed as {@link #remove} does it. */
    public BackendChanges replaceAll(List<Backend> backends, @Nullable Duration grace) {
        BackendChanges changes;
        synchronized (state.lock) {
            refuseIfEnded();
            state.claims.claimAll(backends);
            changes = replace(backends, grace);
        }
        drains.endCalledOff();
        return changes;
    }

    /** Their ids are this pool's by now. */
    private BackendChanges replace(List<Backend> backends, @Nullable Duration grace) {
        Health known = arrivals.known();
        Replacement next = Replacement.publish(pool, state, backends, known);
        advisor.changed();
        // First of all: one that is not checked is never chosen.
        pool.hooks().added(next.places, known);
        next.back.forEach(one -> departures.calledOff(one.before(), one.after()));
        departures.ofAll(next.leavers, grace);
        BackendChanges changes = next.changes();
        next.places.forEach(place -> announcer.added(place.backend()));
        state.claims.releaseUnused();
        return changes;
    }

    /**
     * As {@link #replaceAll}, but without those whose id another pool has; what comes after the end is too late.
     *
     * @return why some are left out
     */
    public List<String> discovered(List<Backend> backends, @Nullable Duration grace) {
        List<String> leftOut = new ArrayList<>();
        synchronized (state.lock) {
            if (ended != null) {
                return leftOut;
            }
            replace(state.claims.claimable(backends, leftOut), grace);
        }
        drains.endCalledOff();
        return leftOut;
    }

    /** When what each backend that drains has left is aborted, as times of the nano clock, where that is limited. */
    Map<PooledBackend, Long> drainLimits() {
        return drains.limits();
    }

    /** Nothing is changed any more, and nothing more will come of the drains under way. */
    public void end() {
        synchronized (state.lock) {
            ended = ended == null ? announcer.name() : ended;
        }
        drains.end();
    }

    /** The pool is no more, though the balancer goes on: nobody can be chosen from it, and its connections go on. */
    public void close() {
        synchronized (state.lock) {
            if (ended != null) {
                return;
            }
            // First: what is refused when there are none is refused in words.
            String words = "pool " + state.claims.pool() + " of " + announcer.name();
            departures.ofEverybody();
            ended = words;
        }
        drains.end();
    }

    private void refuseIfEnded() {
        if (ended != null) {
            throw new IllegalStateException(ended + " is closed");
        }
    }

    /** On an event loop: the last connection of a backend that gets no new ones has ended. */
    void idle(PooledBackend place) {
        try {
            control.execute(() -> departures.idle(place));
        } catch (VirtualMachineError shortage) {
            // The audit finds it.
        }
    }

    /** Ends what has ended, and nobody could say so. */
    private void audit() {
        departures.ofIdle();
        drains.audit();
        advisor.adviseIfChanged();
    }
}
