package io.lb4j.internal.pool;

import org.jspecify.annotations.Nullable;

/**
 * Who has taken over, and gets the connections until nobody of them can be chosen.
 *
 * @param priority that of the tier
 * @param only the one in charge where each is preferred to the next; null when it is the whole tier
 */
record Charge(int priority, @Nullable PooledBackend only) {
    /**
     * Who was in charge before, as long as that one is offered; else the first, and while nobody is, who was.
     *
     * @param offered what each is {@linkplain Member#offer offered} with
     * @param isOrdered whether each is preferred to the next
     */
    static @Nullable Charge after(@Nullable Charge before, Members members, long[] offered, boolean isOrdered) {
        int first = -1;
        for (int i = 0; i < offered.length; i++) {
            if (Member.isOffer(offered[i])) {
                if (before != null && before.isWith(members.place(i), offered[i])) {
                    return before.isOrdered() == isOrdered ? before : of(members.place(i), offered[i], isOrdered);
                }
                boolean isPreferred = first < 0 || Member.priority(offered[i]) < Member.priority(offered[first]);
                first = isPreferred ? i : first;
            }
        }
        return first < 0 ? before : of(members.place(first), offered[first], isOrdered);
    }

    private static Charge of(PooledBackend place, long offer, boolean isOrdered) {
        return new Charge(Member.priority(offer), isOrdered ? place : null);
    }

    private boolean isOrdered() {
        return only != null;
    }

    boolean isWith(PooledBackend place, long offer) {
        return only == null ? Member.priority(offer) == priority : only == place;
    }
}
