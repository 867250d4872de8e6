package io.lb4j.internal.pool;

import io.lb4j.proxy.PlaceInLine;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.proxy.Waiter;
import io.lb4j.selection.ClientConnection;
import io.lb4j.selection.QueuePolicy;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.QueueStats;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The connections that wait while every backend of a pool that could take them is full. Thread-safe. */
final class WaitingLine {
    /*
     * A place at a backend belongs to nobody while it is free. What is handed on is the turn to pick: whoever is called
     * picks on his own loop, by the selector, as if he had just come. Invariants:
     *
     * 1. While there are more free places that somebody can use than are called and have not answered yet, the next one
     *    who can use one is called: so nobody waits who could go on, but for the answers of those who were called before
     *    him. This is so after each step that can change it: a place that is given back, other candidates,
     *    somebody who joins, answers or leaves. So whoever leaves hands his turn on, and no step of one thread needs
     *    another one to be made.
     * 2. Who is called stays in the line until he has answered. While somebody is in the line, nobody else picks: who comes
     *    joins, so nobody is overtaken by one who came later.
     * 3. Who joins found all full before he was in the line. A place that was given back in between is seen by himself,
     *    because 1 holds after he has joined; one that is given back later is seen by whoever gives it back, because he
     *    looks at `waiting` after he has said that there is room.
     * 4. Nothing here fails for want of memory but joining. Where looking for room does, the audit makes good for it.
     *
     * Lock order: the pool's lock, then this one. No code of a guest runs under it.
     */

    /** What a line knows of backends. Called under the line's lock: neither blocks nor takes a lock. */
    interface Backends {
        /** How many connections all those could take now that can be chosen and did not fail, counted up to {@code most}. */
        int room(List<Route> failed, int most);

        /** Whether one of them, full or not, is there for a connection for which these failed. */
        boolean areThereFor(List<Route> failed);

        /** The choice for this connection; {@link Router#FULL} when it has to wait. Called without the lock. */
        @Nullable
        Route pick(ClientConnection connection, List<Route> failed);
    }

    private final Backends backends;
    private final LongSupplier nanoClock;
    private final Object lock = new Object();

    /** How many wait. Written under the lock; read without it by everybody who comes or goes. */
    private volatile int waiting;

    // Under the lock.
    private final Places places = new Places();
    private int called;
    private final long[] waits = new long[DurationHistogram.BUCKETS];

    WaitingLine(Backends backends, LongSupplier nanoClock) {
        this.backends = backends;
        this.nanoClock = nanoClock;
    }

    boolean isEmpty() {
        return waiting == 0;
    }

    /** The last place; null when too many wait, and there is none to be had at once. */
    @Nullable
    PlaceInLine join(Waiter waiter, QueuePolicy policy) {
        WaitingPlace place = new WaitingPlace(this, waiter, policy, nanoClock.getAsLong());
        synchronized (lock) {
            if (places.size() >= policy.maxWaiting() && !hasRoomFor(waiter.failed())) {
                return null;
            }
            places.enterLast(place);
            entered(place);
        }
        return place;
    }

    /** There may be room: whoever is first is called. */
    void roomGained() {
        if (waiting > 0) {
            synchronized (lock) {
                call();
            }
        }
    }

    /** There are other candidates. */
    void candidatesChanged() {
        if (waiting > 0) {
            synchronized (lock) {
                callTheLost();
                call();
            }
        }
    }

    /** Makes the steps that were lost. */
    void audit() {
        if (waiting > 0) {
            synchronized (lock) {
                for (WaitingPlace place = places.first(); place != null; place = place.next) {
                    if (place.isCalled()) {
                        place.call();
                    }
                }
                callTheLost();
                call();
            }
        }
    }

    QueueStats stats() {
        synchronized (lock) {
            WaitingPlace longest = places.first();
            Duration age =
                    longest == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, longest.age(nanoClock.getAsLong())));
            return new QueueStats(places.size(), age, DurationHistogram.of(waits));
        }
    }

    // ---- for those who wait

    /** The choice of one who was called; see {@link PlaceInLine#next}. */
    @Nullable
    Route pick(WaitingPlace place, ClientConnection connection) {
        Route answer = null;
        long waited = 0;
        try {
            waited = place.age(nanoClock.getAsLong());
            answer = backends.pick(connection, place.failed());
        } finally {
            // Cannot fail: the route has one connection more by now.
            picked(place, answer, waited);
        }
        return answer;
    }

    private void picked(WaitingPlace place, @Nullable Route answer, long waited) {
        synchronized (lock) {
            if (answer == Router.FULL) {
                answered(place);
                callIfLost(place);
            } else {
                remove(place);
                waits[DurationHistogram.bucketOf(waited)] += answer == null ? 0 : 1;
            }
            call();
        }
    }

    void leave(WaitingPlace place) {
        synchronized (lock) {
            if (place.isIn) {
                remove(place);
                call();
            }
        }
    }

    void joinAgain(WaitingPlace place) {
        synchronized (lock) {
            places.enter(place);
            entered(place);
        }
    }

    // ---- under the lock

    private void call() {
        try {
            int size = places.size();
            int room = called < size ? backends.room(List.of(), size) : 0;
            @Nullable List<Route> lastWithout = null;
            for (WaitingPlace place = places.first(); place != null && called < room; place = place.next) {
                List<Route> failed = place.failed();
                // Many have failed at the same one.
                if (!place.isCalled() && !failed.equals(lastWithout)) {
                    if (hasRoomFor(failed)) {
                        call(place);
                    } else {
                        lastWithout = failed;
                    }
                }
            }
        } catch (VirtualMachineError shortage) {
            // The audit looks again.
            return;
        }
    }

    /** Whether there is more room for one for whom these failed than those need, at most, who are called. */
    private boolean hasRoomFor(List<Route> failed) {
        return backends.room(failed, called + 1) > called;
    }

    /** Those for whom nobody is left: no room that is gained would call them. */
    private void callTheLost() {
        for (WaitingPlace place = places.first(); place != null; place = place.next) {
            callIfLost(place);
        }
    }

    private void callIfLost(WaitingPlace place) {
        try {
            if (!place.isCalled() && !backends.areThereFor(place.failed())) {
                call(place);
            }
        } catch (VirtualMachineError shortage) {
            // The audit looks again.
            return;
        }
    }

    private void call(WaitingPlace place) {
        called++;
        place.call();
    }

    private void entered(WaitingPlace place) {
        waiting = places.size();
        callIfLost(place);
        call();
    }

    private void remove(WaitingPlace place) {
        answered(place);
        places.remove(place);
        waiting = places.size();
    }

    private void answered(WaitingPlace place) {
        if (place.isCalled()) {
            place.answered();
            called--;
        }
    }
}
