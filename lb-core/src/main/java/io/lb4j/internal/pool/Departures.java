package io.lb4j.internal.pool;

import java.util.ArrayDeque;
import java.util.List;

/** Takes those out of the pool for whom nothing is left to do there, and says so. Called under the pool's lock. */
final class Departures {
    private final BackendPool pool;
    private final PoolState state;
    private final Outliers outliers;
    private final Announcer announcer;

    /** Those that are here no more, which nobody has been told yet. */
    private final ArrayDeque<Member> gone = new ArrayDeque<>();

    Departures(BackendPool pool, PoolState state, Outliers outliers, Announcer announcer) {
        this.pool = pool;
        this.state = state;
        this.outliers = outliers;
        this.announcer = announcer;
    }

    /** Those that leave and whose last connection has ended. */
    void ofIdle() {
        List<Member> idle = state.snapshot().idle();
        if (!idle.isEmpty()) {
            state.remove(idle, gone);
        }
        tell();
    }

    /** All, whatever connections they have. */
    void ofAll() {
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
