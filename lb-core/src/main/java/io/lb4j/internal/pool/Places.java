package io.lb4j.internal.pool;

import org.jspecify.annotations.Nullable;

/** Those who wait, in the order in which they came first. Needs no memory. Guarded by the lock of the {@link WaitingLine}. */
final class Places {
    private @Nullable WaitingPlace first;
    private @Nullable WaitingPlace last;
    private int size;
    private long nextNumber;

    @Nullable
    WaitingPlace first() {
        return first;
    }

    int size() {
        return size;
    }

    /** For the first time. */
    void enterLast(WaitingPlace place) {
        place.number = nextNumber++;
        enter(place);
    }

    /** Where it was before, or would be. */
    void enter(WaitingPlace place) {
        insert(place, last == null || last.number < place.number ? last : lastBefore(place.number));
    }

    /** Who was in the line before is one of the first in it: that is where the search begins. */
    private @Nullable WaitingPlace lastBefore(long number) {
        WaitingPlace before = null;
        for (WaitingPlace place = first; place != null && place.number < number; place = place.next) {
            before = place;
        }
        return before;
    }

    private void insert(WaitingPlace place, @Nullable WaitingPlace before) {
        WaitingPlace after = before == null ? first : before.next;
        link(before, place);
        link(place, after);
        place.isIn = true;
        size++;
    }

    void remove(WaitingPlace place) {
        link(place.previous, place.next);
        place.previous = null;
        place.next = null;
        place.isIn = false;
        size--;
    }

    private void link(@Nullable WaitingPlace before, @Nullable WaitingPlace after) {
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
    }
}
