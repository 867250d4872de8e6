package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ids of one pool. Towards the other pools of the balancer, each is the pool's own from before its backend is published
 * until it has been told that it is gone; in between, a place has it. Guarded by the pool's lock.
 */
final class Claims {
    private final BackendIds.OfPool own;
    private Map<String, PooledBackend> places = new HashMap<>();

    Claims(BackendIds.OfPool own) {
        this.own = own;
    }

    /** The name of the pool. */
    String pool() {
        return own.pool();
    }

    /**
     * Takes an id for a backend that is about to be in this pool.
     *
     * @throws IllegalArgumentException when another pool has it
     */
    void claim(String id) {
        String owner = own.claim(id);
        if (owner != null) {
            throw new IllegalArgumentException("backend id: " + id
                    + " (expected: one that no backend of this balancer has; pool " + owner + " has it)");
        }
    }

    /** Whether nobody else has this id; then it is taken. */
    boolean isFree(String id) {
        return own.claim(id) == null;
    }

    /** Whether nobody can have it who comes or is renamed now. */
    boolean isTaken(String id) {
        return places.containsKey(id) || !isFree(id);
    }

    /**
     * Takes the ids of all of these, or, if another pool has one of them, none.
     *
     * @throws IllegalArgumentException when another pool has one
     */
    void claimAll(List<Backend> backends) {
        try {
            backends.forEach(backend -> claim(backend.id()));
        } catch (Throwable failure) {
            releaseUnused();
            throw failure;
        }
    }

    /**
     * Takes the ids of those of which no other pool has the id, and returns them.
     *
     * @param leftOut is told why the others are left out
     */
    List<Backend> claimable(List<Backend> backends, List<String> leftOut) {
        List<Backend> claimed = new ArrayList<>();
        for (Backend backend : backends) {
            try {
                claim(backend.id());
                claimed.add(backend);
            } catch (IllegalArgumentException taken) {
                leftOut.add(String.valueOf(taken.getMessage()));
            }
        }
        return claimed;
    }

    /** The backend that had this id is gone, or has another one, and that has been told: not before, for whoever has it next. */
    void releaseIfUnused(String id) {
        if (!places.containsKey(id)) {
            own.release(id);
        }
    }

    /** Gives back what was claimed and has not come to be used, or is not used any more. */
    void releaseUnused() {
        own.keepOnly(places.keySet());
    }

    // ---- who has which

    /** Null when nobody has it. */
    @Nullable
    PooledBackend place(String id) {
        return places.get(id);
    }

    void put(Member member) {
        places.put(member.backend().id(), member.place());
    }

    void removeAll(List<Member> gone) {
        for (Member member : gone) {
            places.remove(member.backend().id(), member.place());
        }
    }

    /** A member may have another id now; the one it had stays claimed. */
    void move(Member before, Member after) {
        put(after);
        if (!after.backend().id().equals(before.backend().id())) {
            places.remove(before.backend().id());
        }
    }

    /** Only these have ids; those of others stay claimed. */
    void replace(List<Member> members) {
        Map<String, PooledBackend> next = new HashMap<>();
        members.forEach(member -> next.put(member.backend().id(), member.place()));
        places = next;
    }
}
