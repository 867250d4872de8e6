package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.event.CloseReason;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.proxy.DrainResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private Health initial = Health.unchecked(true, "not checked");

    /** Those on their way out, removed ones too. Guarded by the pool's lock. */
    private final LinkedHashMap<PooledBackend, Drain> drains = new LinkedHashMap<>();

    /** Those that will not go on, and whose ends have not been told yet: linked through them. Guarded by the pool's lock. */
    private @Nullable Drain calledOff;

    /** Guarded by the pool's lock. */
    private boolean ended;

    Administration(BackendPool pool, PoolState state, Outliers outliers, Announcer announcer, Scheduler control) {
        this.pool = pool;
        this.state = state;
        this.outliers = outliers;
        this.announcer = announcer;
        this.control = control;
        control.audit(this::audit);
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
        return drain(place, grace);
    }

    /** Takes it out as {@link #remove} does, but it stays in the list, and can be put back. */
    public CompletableFuture<DrainResult> drain(String id, @Nullable Duration grace) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
            state.change(member, member.with(Admin.DRAINING));
            return drain(member.place(), grace).result();
        }
    }

    /** Takes it out; what it has goes on. A drain under way is called off. */
    public void disable(String id) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
            state.change(member, member.with(Admin.DISABLED));
            callOff(drains.remove(member.place()));
            member.place().close();
        }
        endCalledOff();
    }

    /** Puts it back, if it was disabled or draining. */
    public void enable(String id) {
        synchronized (state.lock) {
            refuseIfEnded();
            Member member = state.get(id);
            callOff(drains.remove(member.place()));
            member.place().open();
            state.change(member, member.with(Admin.ENABLED));
        }
        endCalledOff();
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
        Map<PooledBackend, Drain> left;
        synchronized (state.lock) {
            ended = true;
            left = new LinkedHashMap<>(drains);
            drains.clear();
        }
        // Without the lock, and on this thread: the control thread may be held by a listener for ever.
        left.forEach((place, drain) -> drain.end(place.activeConnections() == 0));
    }

    private void refuseIfEnded() {
        if (ended) {
            throw new IllegalStateException(announcer.name() + " is closed");
        }
    }

    // ---- drains; under the lock, but for what the control thread does later

    private Drain drain(PooledBackend place, @Nullable Duration grace) {
        Drain underWay = drains.get(place);
        Drain drain = underWay == null ? begin(place) : underWay;
        // Before anything that needs memory: the audit ends what can be neither told nor scheduled.
        if (grace != null) {
            drain.limit(state.now() + grace.toNanos());
        }
        if (underWay == null) {
            tell(place, drain, grace);
        }
        if (grace != null) {
            control.later(() -> force(place, drain), grace.toNanos());
        }
        return drain;
    }

    private Drain begin(PooledBackend place) {
        Drain drain = new Drain(place.toString(), place.close());
        drains.put(place, drain);
        return drain;
    }

    private void tell(PooledBackend place, Drain drain, @Nullable Duration grace) {
        DrainBegan event = new DrainBegan(place.backend(), drain.connections(), grace);
        announcer.tell(listener -> listener.drainBegan(event));
        var unused = drain.result()
                .thenAccept(result -> announcer.tell(listener ->
                        listener.drainEnded(new DrainEnded(place.backend(), result.finished(), result.aborted()))));
        control.execute(() -> over(place, drain));
    }

    private void force(PooledBackend place, Drain drain) {
        if (isUnderWay(place, drain)) {
            drain.abortBegins();
            pool.hooks().abort(place, CloseReason.BACKEND_DRAINED).thenAccept(count -> {
                drain.abortEnded(count);
                over(place, drain);
            });
        }
    }

    /** On an event loop: the last connection of a backend that gets no new ones has ended. */
    void idle(PooledBackend place) {
        try {
            control.execute(() -> endIdle(place));
        } catch (VirtualMachineError shortage) {
            // The audit finds it.
            return;
        }
    }

    private void endIdle(PooledBackend place) {
        Drain drain = underWay(place);
        if (drain != null) {
            drain.idle();
            over(place, drain);
        }
    }

    /** Ends what has ended, and nobody could say so; and what should have been ended by now, and was not. */
    private void audit() {
        endCalledOff();
        Map<PooledBackend, Drain> underWay;
        synchronized (state.lock) {
            if (drains.isEmpty()) {
                return;
            }
            underWay = Map.copyOf(drains);
        }
        long now = state.now();
        underWay.forEach((place, drain) -> audit(place, drain, now));
    }

    private void audit(PooledBackend place, Drain drain, long now) {
        if (place.activeConnections() == 0) {
            drain.idleAtAudit();
            over(place, drain);
        } else if (drain.isOverdue(now)) {
            force(place, drain);
        }
    }

    private void over(PooledBackend place, Drain drain) {
        drain.completeIfOver();
        if (drain.result().isDone()) {
            synchronized (state.lock) {
                drains.remove(place, drain);
            }
        }
    }

    private boolean isUnderWay(PooledBackend place, Drain drain) {
        return underWay(place) == drain;
    }

    private @Nullable Drain underWay(PooledBackend place) {
        synchronized (state.lock) {
            return drains.get(place);
        }
    }

    /** Under the lock: this drain will not go on. Cannot fail; who waits for it is told by {@link #endCalledOff}. */
    private void callOff(@Nullable Drain underWay) {
        if (underWay != null) {
            underWay.next = calledOff;
            calledOff = underWay;
        }
    }

    /** Without the lock: tells who waits for them. What there is no memory for now, the audit does. */
    private void endCalledOff() {
        for (Drain first = firstCalledOff(); first != null; first = firstCalledOff()) {
            first.callOff();
            synchronized (state.lock) {
                if (calledOff == first) {
                    calledOff = first.next;
                }
            }
        }
    }

    private @Nullable Drain firstCalledOff() {
        synchronized (state.lock) {
            return calledOff;
        }
    }
}
