package io.lb4j;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Drains that were announced, and begin when the lame-duck time is over. Thread-safe. */
final class LameDuck {
    private static final long FOR_EVER = Long.MAX_VALUE / 4;

    private boolean announced;
    private long beginsAt;
    private long endsAt;

    /** Of several the earliest begin holds, and the earliest end. */
    synchronized void announce(long at, Duration grace) {
        long end = at + Math.min(FOR_EVER, grace.toNanos());
        beginsAt = announced && beginsAt - at < 0 ? beginsAt : at;
        endsAt = announced && endsAt - end < 0 ? endsAt : end;
        announced = true;
    }

    /** The grace of a drain that is to begin now, which nobody gets a second time; null if there is none. */
    synchronized @Nullable Duration takeIfOver(long now) {
        if (!announced || now - beginsAt < 0) {
            return null;
        }
        announced = false;
        return Duration.ofNanos(Math.max(0, endsAt - now));
    }
}
