package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.internal.health.Health;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a new list makes of the members there are. Made and used under the pool's lock. */
final class Replacement {
    /** One that leaves, or leaves no more. */
    record Leaver(Member before, Member after) {}

    private final BackendPool pool;
    private final PoolState state;
    private final Health health;
    private final List<Backend> added = new ArrayList<>();
    private final List<Backend> kept = new ArrayList<>();
    private final List<Backend> changed = new ArrayList<>();
    private final List<Backend> removed = new ArrayList<>();

    /** Those of the list, in its order. */
    private final List<Member> listed = new ArrayList<>();

    /** Those that stay on other terms, and their new ones. */
    private final List<PooledBackend> becoming = new ArrayList<>();

    private final List<Backend> terms = new ArrayList<>();

    private final Set<String> ids = new HashSet<>();
    private final Set<PooledBackend> stay = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Those that have not been there before. */
    final List<PooledBackend> places = new ArrayList<>();

    /** Those that left, and are in the list again: as they were, and as they are. */
    final List<Leaver> back = new ArrayList<>();

    /** Those that are not in the list; those that had left before too. */
    final List<Leaver> leavers = new ArrayList<>();

    private Replacement(BackendPool pool, PoolState state, Health health) {
        this.pool = pool;
        this.state = state;
        this.health = health;
    }

    /**
     * Publishes the pool with this list, whose ids are its own by now.
     *
     * @param health what is taken for known of those that have not been there before
     */
    static Replacement publish(BackendPool pool, PoolState state, List<Backend> backends, Health health) {
        try {
            Replacement next = new Replacement(pool, state, health);
            backends.forEach(next::take);
            next.end(state.snapshot().members());
            state.replace(next.members(), next::settle);
            return next;
        } catch (Throwable failure) {
            state.claims.releaseUnused();
            throw failure;
        }
    }

    /** The next of the list. */
    private void take(Backend backend) {
        ids.add(backend.id());
        Member known = known(state, backend);
        if (known == null || !stay.add(known.place())) {
            PooledBackend place = pool.place(backend);
            stay.add(place);
            places.add(place);
            added.add(backend);
            listed.add(state.newMember(place, health));
        } else if (known.isLeaving()) {
            added.add(backend);
            Leaver one = new Leaver(known, state.back(known, backend));
            back.add(one);
            listed.add(one.after());
        } else {
            takeKnown(known, known.place().withKeptWeight(backend));
        }
    }

    private void takeKnown(Member known, Backend told) {
        boolean stays = known.backend().equals(told);
        (stays ? kept : changed).add(told);
        if (!stays) {
            becoming.add(known.place());
            terms.add(told);
        }
        listed.add(stays ? known : known.with(told));
    }

    /** Who is not in the list leaves. */
    private void end(List<Member> before) {
        for (Member member : before) {
            if (!stay.contains(member.place())) {
                leave(member);
            }
        }
    }

    private void leave(Member member) {
        if (!member.isLeaving()) {
            removed.add(member.backend());
        }
        Member leaving = member.leaving(state.now());
        if (!ids.add(member.backend().id())) {
            Backend renamed = underAnotherId(member.backend(), id -> ids.contains(id) || !state.claims.isFree(id));
            ids.add(renamed.id());
            leaving = leaving.with(renamed);
        }
        leavers.add(new Leaver(member, leaving));
    }

    /**
     * When nothing can fail any more, and before anybody can choose by the new list: places take their new terms, and
     * those that are back are open again.
     */
    private void settle() {
        for (int i = 0; i < becoming.size(); i++) {
            becoming.get(i).become(terms.get(i));
        }
        for (Leaver one : back) {
            one.after().place().open(one.after().backend());
        }
    }

    /** Those of the list, and behind them those that leave. */
    private List<Member> members() {
        List<Member> all = new ArrayList<>(listed);
        leavers.forEach(leaver -> all.add(leaver.after()));
        return all;
    }

    BackendChanges changes() {
        return new BackendChanges(added, kept, changed, removed);
    }

    /** The member that a list means by this; null when it is a new one. */
    static @Nullable Member known(PoolState state, Backend backend) {
        Member known = state.find(backend.id());
        if (known != null && isSamePlace(known.backend(), backend)) {
            return known;
        }
        Member former = state.find(formerId(backend));
        return former != null && former.isLeaving() && isSamePlace(former.backend(), backend) ? former : null;
    }

    private static boolean isSamePlace(Backend one, Backend other) {
        return one.host().equals(other.host()) && one.port() == other.port();
    }

    /** One that leaves, while one at another place has its id. */
    static Backend underAnotherId(Backend leaving, Predicate<String> isTaken) {
        String former = formerId(leaving);
        String id = former;
        for (int i = 2; isTaken.test(id); i++) {
            id = former + "/" + i;
        }
        return leaving.withId(id);
    }

    /** With room for a number behind it, in what an id may have. */
    private static String formerId(Backend backend) {
        String id = backend.id() + "@" + backend.hostAndPort();
        return id.substring(0, Math.min(id.length(), 240));
    }
}
