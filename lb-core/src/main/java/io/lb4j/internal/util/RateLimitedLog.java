package io.lb4j.internal.util;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Warns at most once a second for each instance, and says how many warnings it held back. Never throws. Thread-safe. */
public final class RateLimitedLog {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final NamedLog log;
    private final LongSupplier nanoClock;
    private final AtomicLong next;
    private final AtomicLong heldBack = new AtomicLong();

    public RateLimitedLog(NamedLog log, LongSupplier nanoClock) {
        this.log = log;
        this.nanoClock = nanoClock;
        this.next = new AtomicLong(nanoClock.getAsLong());
    }

    /** Logs {@code what} and {@code detail}, put together only if it is logged, with the stack trace of {@code cause} where there is one. */
    public void warn(String what, @Nullable Object detail, @Nullable Throwable cause) {
        long now;
        try {
            now = nanoClock.getAsLong();
        } catch (Throwable exhausted) {
            heldBack.incrementAndGet();
            return;
        }
        long due = next.get();
        if (now - due < 0) {
            heldBack.incrementAndGet();
            return;
        }
        // Taken before the turn is: afterwards others, who lost it to us, have been counted as well.
        long held = heldBack.getAndSet(0);
        if (!next.compareAndSet(due, now + PAUSE) || !log(what, detail, held, cause)) {
            heldBack.addAndGet(held + 1);
        }
    }

    private boolean log(String what, @Nullable Object detail, long held, @Nullable Throwable cause) {
        try {
            String more = held == 0 ? "" : " (" + held + " more like this in between)";
            return log.warn(what + (detail == null ? "" : " " + detail) + more, cause);
        } catch (Throwable exhausted) {
            return false;
        }
    }
}
