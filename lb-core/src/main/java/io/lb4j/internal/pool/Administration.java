package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.proxy.DrainResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
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
    private final Outliers outliers;
    private final Announcer announcer;
    private final Scheduler control;
    private final Drains drains;
    private Health initial = Health.unchecked(true, "not checked");

    /** Guarded by the pool's lock. */
    private boolean ended;

    Administration(BackendPool pool, PoolState state, Outliers outliers, Announcer announcer, Scheduler control) {
        this.pool = pool;
        this.state = state;
        this.outliers = outliers;
        this.announcer = announcer;
        this.control = control;
        drains = new Drains(pool, state, announcer, control);
        control.audit(drains::audit);
    }

    void begin(List<Backend> backends, Health unchecked) {
        synchronized (state.lock) {
            initial = unchecked;
            long now = state.now();
            state.replace(backends.stream()
                    .map(backend -> Member.of(pool.place(backend), unchecked, now))
                    .toList());
            backends.forEach(announcer::present);
        }
    }

    /**
     * Adds a backend, the last in the order.
     *
     * @throws IllegalArgumentException when there is one of this id
     */
    public void add(Backend backend) {
        synchronized (state.lock) {
            refuseIfEnded();
            if (state.find(backend.id()) != null) {
                throw new IllegalArgumentException(
                        "backend id: " + backend.id() + " (expected: one that no backend of this balancer has)");
            }
            PooledBackend place = pool.place(backend);
            state.add(state.newMember(place, initial));
            announcer.added(backend);
            pool.hooks().added(List.of(place), initial);
        }
    }

    /** When this returns, no connection goes there any more; those there are have the grace, or for ever if null. */
    public CompletableFuture<DrainResult> remove(String id, @Nullable Duration grace) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
            // In this order: whoever finds it closed and looks again does not find it again.
            state.remove(member);
            return removed(member, grace).result();
        }
    }

    private Drain removed(Member member, @Nullable Duration grace) {
        PooledBackend place = member.place();
        outliers.forget(place);
        pool.hooks().removed(place);
        announcer.removed(member.backend(), place.activeConnections());
        return drains.begin(place, grace);
    }

    /** Takes it out as {@link #remove} does, but it stays in the list, and can be put back. */
    public CompletableFuture<DrainResult> drain(String id, @Nullable Duration grace) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
            state.change(member, member.with(Admin.DRAINING));
            return drains.begin(member.place(), grace).result();
        }
    }

    /** Takes it out; what it has goes on. A drain under way is called off. */
    public void disable(String id) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
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
            Member member = state.get(id);
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
            Member member = state.get(id);
            Backend changed = member.backend().withWeight(weight);
            member.place().keepWeight(weight);
            state.change(member, become(member, changed));
        }
    }

    private static Member become(Member member, Backend changed) {
        member.place().become(changed);
        return member.with(changed);
    }

    /** Makes these the backends, all at once. What is not among them is drained without a deadline. */
    public BackendChanges replaceAll(List<Backend> backends) {
        synchronized (state.lock) {
            refuseIfEnded();
            List<Member> before = state.snapshot().members();
            List<Member> after = new ArrayList<>();
            List<PooledBackend> places = new ArrayList<>();
            List<Backend> added = new ArrayList<>();
            List<Backend> kept = new ArrayList<>();
            List<Backend> changed = new ArrayList<>();
            for (Backend backend : backends) {
                Member known = state.find(backend.id());
                if (known == null || !isSamePlace(known.backend(), backend)) {
                    PooledBackend place = pool.place(backend);
                    places.add(place);
                    added.add(backend);
                    after.add(state.newMember(place, initial));
                } else {
                    Backend told = known.place().withKeptWeight(backend);
                    boolean stays = known.backend().equals(told);
                    (stays ? kept : changed).add(told);
                    after.add(stays ? known : become(known, told));
                }
            }
            state.replace(after);
            Set<PooledBackend> stay = Collections.newSetFromMap(new IdentityHashMap<>());
            after.forEach(member -> stay.add(member.place()));
            List<Member> removed =
                    before.stream().filter(one -> !stay.contains(one.place())).toList();
            removed.forEach(member -> removed(member, null));
            added.forEach(announcer::added);
            pool.hooks().added(places, initial);
            return new BackendChanges(
                    added, kept, changed, removed.stream().map(Member::backend).toList());
        }
    }

    private static boolean isSamePlace(Backend one, Backend other) {
        return one.host().equals(other.host()) && one.port() == other.port();
    }

    /** As {@link #replaceAll}; what comes after the end is too late. */
    public void discovered(List<Backend> backends) {
        synchronized (state.lock) {
            if (!ended) {
                replaceAll(backends);
            }
        }
    }

    /** Nothing is changed any more, and nothing more will come of the drains under way. */
    public void end() {
        synchronized (state.lock) {
            ended = true;
        }
        drains.end();
    }

    private void refuseIfEnded() {
        if (ended) {
            throw new IllegalStateException(announcer.name() + " is closed");
        }
    }

    /** On an event loop: the last connection of a backend that gets no new ones has ended. */
    void idle(PooledBackend place) {
        try {
            control.execute(() -> drains.idle(place));
        } catch (VirtualMachineError shortage) {
            // The audit finds it.
            return;
        }
    }
}
