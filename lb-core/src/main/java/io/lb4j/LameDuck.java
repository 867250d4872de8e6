package io.lb4j;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A drain that was announced, and begins when its lame-duck time is over. Thread-safe. */
final class LameDuck {
    private @Nullable Duration grace;
    private long endsAt;

    /** Unless one that was announced before begins sooner. */
    synchronized void announce(long at, Duration graceThen) {
        if (grace == null || at - endsAt < 0) {
            grace = graceThen;
            endsAt = at;
        }
    }

    /** The grace of a drain that is to begin now, which nobody gets a second time; null if there is none. */
    synchronized @Nullable Duration takeIfOver(long now) {
        Duration taken = grace != null && now - endsAt >= 0 ? grace : null;
        grace = taken == null ? grace : null;
        return taken;
    }
}
