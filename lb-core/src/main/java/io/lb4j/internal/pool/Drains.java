package io.lb4j.internal.pool;

import io.lb4j.event.CloseReason;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.internal.util.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The backends whose connections shall end, and those who wait for that. */
final class Drains {
    private static final int MOST_TRIES = 1000;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final BackendPool pool;
    private final PoolState state;
    private final Announcer announcer;
    private final Scheduler control;

    /** Guarded by the pool's lock. */
    private final LinkedHashMap<PooledBackend, Drain> underWay = new LinkedHashMap<>();

    /** Those that will not go on, and whose ends have not been told yet: linked through them. Guarded by the pool's lock. */
    private @Nullable Drain calledOff;

    Drains(BackendPool pool, PoolState state, Announcer announcer, Scheduler control) {
        this.pool = pool;
        this.state = state;
        this.announcer = announcer;
        this.control = control;
    }

    // ---- under the lock

    /**
     * One that is under way goes on; a grace can only shorten it.
     *
     * @param connections how many it had when it was closed: with the last of these it is {@linkplain #idle idle}
     */
    Drain begin(PooledBackend place, int connections, @Nullable Duration grace) {
        Drain known = underWay.get(place);
        Drain drain = known == null ? new Drain(place.toString(), connections) : known;
        underWay.put(place, drain);
        // Before anything that needs memory: the audit ends what can be neither told nor scheduled.
        if (grace != null) {
            drain.limit(state.now() + grace.toNanos());
        }
        if (known == null) {
            tell(place, drain, grace);
        }
        if (grace != null) {
            control.later(() -> force(place, drain), grace.toNanos());
        }
        return drain;
    }

    boolean isUnderWay(PooledBackend place) {
        return underWay.containsKey(place);
    }

    private void tell(PooledBackend place, Drain drain, @Nullable Duration grace) {
        DrainBegan event = new DrainBegan(place.backend(), drain.connections(), grace);
        announcer.tell(listener -> listener.drainBegan(event));
        var unused = drain.result().handle((result, calledOff) -> {
            if (result != null) {
                announcer.tell(listener ->
                        listener.drainEnded(new DrainEnded(place.backend(), result.finished(), result.aborted())));
            }
            return null;
        });
        control.execute(() -> over(place, drain));
    }

    /** The drain of this one will not go on, if there is one. Cannot fail; who waits is told by {@link #endCalledOff}. */
    void callOff(PooledBackend place) {
        Drain drain = underWay.remove(place);
        if (drain != null) {
            drain.next = calledOff;
            calledOff = drain;
        }
    }

    // ---- without the lock

    /** When what each has left is aborted, as times of the nano clock; those that have all the time are not in it. */
    Map<PooledBackend, Long> limits() {
        Map<PooledBackend, Long> limits = new HashMap<>();
        synchronized (state.lock) {
            underWay.forEach((place, drain) -> limits.computeIfAbsent(place, any -> drain.limit()));
        }
        return limits;
    }

    /** Nothing more will come of those under way. */
    void end() {
        Map<PooledBackend, Drain> left;
        synchronized (state.lock) {
            left = new LinkedHashMap<>(underWay);
            underWay.clear();
        }
        // Without the lock, and on this thread: the control thread may be held by a listener for ever.
        left.forEach((place, drain) -> end(drain, place.activeConnections() == 0));
    }

    /** Nobody comes back to it: what there is no memory for is tried again at once. */
    private static void end(Drain drain, boolean noConnectionIsLeft) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            try {
                drain.end(noConnectionIsLeft);
                return;
            } catch (OutOfMemoryError shortage) {
                LockSupport.parkNanos(PAUSE);
            }
        }
    }

    /** On the control thread: the last connection of this one has ended. */
    void idle(PooledBackend place) {
        Drain drain = of(place);
        if (drain != null) {
            drain.idle();
            over(place, drain);
        }
    }

    private void force(PooledBackend place, Drain drain) {
        if (of(place) == drain) {
            drain.abortBegins();
            pool.hooks().abort(place, CloseReason.BACKEND_DRAINED).thenAccept(count -> {
                drain.abortEnded(count);
                over(place, drain);
            });
        }
    }

    /** Ends what has ended, and nobody could say so; and what should have been ended by now, and was not. */
    void audit() {
        endCalledOff();
        Map<PooledBackend, Drain> all;
        synchronized (state.lock) {
            if (underWay.isEmpty()) {
                return;
            }
            all = Map.copyOf(underWay);
        }
        long now = state.now();
        all.forEach((place, drain) -> audit(place, drain, now));
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
                underWay.remove(place, drain);
            }
        }
    }

    private @Nullable Drain of(PooledBackend place) {
        synchronized (state.lock) {
            return underWay.get(place);
        }
    }

    /** Tells who waits for those that were called off. What there is no memory for now, the audit does. */
    void endCalledOff() {
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
