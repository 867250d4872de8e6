package io.lb4j.internal.util;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Warns at most once a second for each instance, and says how many warnings it held back. Thread-safe. */
public final class RateLimitedLog {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final Logger logger;
    private final LongSupplier nanoClock;
    private final AtomicLong next;
    private final AtomicLong heldBack = new AtomicLong();

    public RateLimitedLog(Logger logger, LongSupplier nanoClock) {
        this.logger = logger;
        this.nanoClock = nanoClock;
        this.next = new AtomicLong(nanoClock.getAsLong());
    }

    /** Logs the message, with the stack trace of {@code cause} where there is one. A logger that throws is ignored. */
    public void warn(String balancer, String message, @Nullable Throwable cause) {
        long now = nanoClock.getAsLong();
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + PAUSE)) {
            heldBack.incrementAndGet();
            return;
        }
        long held = heldBack.getAndSet(0);
        String more = held == 0 ? "" : " (" + held + " more like this in between)";
        try {
            logger.warn("{}: {}{}", balancer, message, more, cause);
        } catch (Throwable loggingFailed) {
            heldBack.incrementAndGet();
        }
    }
}
