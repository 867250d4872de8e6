package io.lb4j.internal.pool;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which pool of a balancer has which backend id: none is in two of them at a time. Thread-safe. */
public final class BackendIds {
    private final ConcurrentHashMap<String, OfPool> owners = new ConcurrentHashMap<>();

    /** Those of a pool of this name, none so far. */
    OfPool of(String pool) {
        return new OfPool(pool);
    }

    /** What one pool has. Guarded by that pool's lock; takes no lock of another one. */
    final class OfPool {
        private final String pool;
        private final Set<String> claimed = new HashSet<>();

        private OfPool(String pool) {
            this.pool = pool;
        }

        String pool() {
            return pool;
        }

        /** Null when it is this pool's from now on, or was before; otherwise the name of the pool that has it. */
        @Nullable
        String claim(String id) {
            // In this order: what there is no memory for is not claimed.
            boolean isNew = claimed.add(id);
            OfPool owner = isNew ? this : null;
            try {
                owner = isNew ? owners.putIfAbsent(id, this) : null;
            } finally {
                if (owner != null) {
                    claimed.remove(id);
                }
            }
            return owner == null ? null : owner.pool;
        }

        void release(String id) {
            if (claimed.remove(id)) {
                owners.remove(id, this);
            }
        }

        /** Releases all others. */
        void keepOnly(Set<String> ids) {
            claimed.removeIf(id -> !ids.contains(id) && owners.remove(id, this));
        }
    }
}
