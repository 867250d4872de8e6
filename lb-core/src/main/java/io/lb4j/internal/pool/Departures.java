package io.lb4j.internal.pool;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Those who leave: their places are closed, and they are taken out when nothing is left for them to do. Under the pool's lock. */
final class Departures {
    private final BackendPool pool;
    private final PoolState state;
    private final Outliers outliers;
    private final Announcer announcer;
    private final Drains drains;

    /** Those that are here no more, which nobody has been told yet. */
    private final Queue<Member> gone = new ConcurrentLinkedQueue<>();

    Departures(BackendPool pool, PoolState state, Outliers outliers, Announcer announcer, Drains drains) {
        this.pool = pool;
        this.state = state;
        this.outliers = outliers;
        this.announcer = announcer;
        this.drains = drains;
    }

    /** It was published that this one leaves. */
    Drain of(Member before, Member leaving, @Nullable Duration grace) {
        int open = close(before, leaving);
        ofIdle();
        return drains.begin(leaving.place(), open, grace);
    }

    /** The same for all of these, who are not in a new list. */
    void ofAll(List<Replacement.Leaver> leavers, @Nullable Duration grace) {
        int[] open = leavers.stream()
                .mapToInt(one -> close(one.before(), one.after()))
                .toArray();
        ofIdle();
        for (int i = 0; i < open.length; i++) {
            Replacement.Leaver one = leavers.get(i);
            // One that left before may have been left without its drain, when memory was short.
            boolean isWithout = grace != null && !drains.isUnderWay(one.after().place());
            if (!one.before().isLeaving() || isWithout) {
                drains.begin(one.after().place(), open[i], grace);
            }
        }
    }

    /** Returns how many connections it has. Who has none is not spoken of: it is about to be removed. */
    private int close(Member before, Member leaving) {
        PooledBackend place = leaving.place();
        place.forgetWeight();
        int open = place.close();
        if (open > 0) {
            renamed(before, leaving);
            state.announce(before, leaving);
        }
        return open;
    }

    /** It was published that one that was leaving is here again. */
    void calledOff(Member leaving, Member after) {
        drains.callOff(after.place());
        renamed(leaving, after);
        state.claims.releaseIfUnused(leaving.backend().id());
        state.announce(leaving, after);
    }

    /** It may have another id now. */
    void renamed(Member before, Member after) {
        if (!before.backend().id().equals(after.backend().id())) {
            after.place().become(after.backend());
            announcer.renamed(before.backend(), after.backend());
        }
    }

    /** Takes out those whose last connection has ended. Called without the lock, too. */
    void ofIdle() {
        synchronized (state.lock) {
            List<Member> idle = state.snapshot().idle();
            if (!idle.isEmpty()) {
                state.remove(idle, gone);
            }
            tell();
        }
    }

    /** The last connection of this one has ended: who waits for its drain is told after it is gone. Without the lock. */
    void idle(PooledBackend place) {
        ofIdle();
        drains.idle(place);
    }

    /** Takes out all, whatever connections they have. */
    void ofEverybody() {
        List<Member> all = state.snapshot().members();
        // In this order: whoever finds one closed and looks again does not find it again.
        state.replace(List.of(), () -> {});
        all.forEach(member -> member.place().close());
        gone.addAll(all);
        tell();
    }

    /** What there is no memory for now, the audit does. */
    private void tell() {
        for (Member first = gone.peek(); first != null; first = gone.peek()) {
            PooledBackend place = first.place();
            outliers.forget(place);
            pool.hooks().removed(place);
            announcer.removed(place.backend());
            state.claims.releaseIfUnused(first.backend().id());
            gone.remove();
        }
    }
}
