package io.lb4j.internal.pool;

import org.jspecify.annotations.Nullable;

/**
 * Who has taken over, and gets the connections until nobody of them can be chosen.
 *
 * @param priority that of the tier
 * @param only the one in charge where each is preferred to the next; null when it is the whole tier
 */
record Charge(int priority, @Nullable PooledBackend only) {
    boolean isOrdered() {
        return only != null;
    }

    boolean isWith(PooledBackend place, long offer) {
        return only == null ? Member.priority(offer) == priority : only == place;
    }
}
