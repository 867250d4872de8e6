package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.internal.health.Health;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings those into the pool who have not been there before, and says so. Called under the pool's lock. */
final class Arrivals {
    private final BackendPool pool;
    private final PoolState state;
    private final Departures departures;
    private final Announcer announcer;
    private Health unproven = Health.unchecked(true, "not checked");

    Arrivals(BackendPool pool, PoolState state, Departures departures, Announcer announcer) {
        this.pool = pool;
        this.state = state;
        this.departures = departures;
        this.announcer = announcer;
    }

    /** Those that are there from the begin. */
    void first(List<Backend> backends, Health unchecked) {
        unproven = pool.hooks().isChecking() ? Health.unchecked(false, unchecked.reason()) : unchecked;
        long now = state.now();
        state.claims.claimAll(backends);
        List<Member> members = backends.stream()
                .map(backend -> Member.of(pool.place(backend), unchecked, now))
                .toList();
        state.begin(members, unchecked);
        backends.forEach(announcer::present);
    }

    /** What is taken for known of one that comes: it has to be checked first, unless it is one of the first. */
    Health known() {
        return state.snapshot().size() == 0 ? state.initial() : unproven;
    }

    /** @param leaving the one that has its id, which gets another one; null when nobody has it */
    void add(Backend backend, @Nullable Member leaving) {
        PooledBackend place = pool.place(backend);
        Health known = known();
        Member added = state.newMember(place, known);
        if (leaving != null) {
            Backend renamed = Replacement.underAnotherId(leaving.backend(), state.claims::isTaken);
            departures.renamed(leaving, state.rename(leaving, renamed));
        }
        List<PooledBackend> places = List.of(place);
        state.add(added);
        // First of all: one that is not checked is never chosen.
        pool.hooks().added(places, known);
        announcer.added(backend);
    }
}
