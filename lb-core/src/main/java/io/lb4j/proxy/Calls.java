package io.lb4j.proxy;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one loop whose turn to pick a backend has come, linked through themselves: calling one takes no memory
 * and cannot fail. Added to by any thread, taken by the loop.
 */
final class Calls {
    /** Latest first. */
    private final AtomicReference<@Nullable Wait> latest = new AtomicReference<>();

    boolean isEmpty() {
        return latest.get() == null;
    }

    /** One that is not here. */
    void add(Wait called) {
        Wait before;
        do {
            before = latest.get();
            called.calledBefore = before;
        } while (!latest.compareAndSet(before, called));
    }

    /** All of them, in the order of the calls, linked by {@link Wait#calledBefore}; they are here no more. */
    @Nullable
    Wait takeAll() {
        Wait first = null;
        Wait rest = latest.getAndSet(null);
        while (rest != null) {
            Wait before = rest.calledBefore;
            rest.calledBefore = first;
            first = rest;
            rest = before;
        }
        return first;
    }
}
