package io.lb4j.internal.discovery;

import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Says in the log how a discovery is doing, when that changes and not each time, and at most once a second. A change
 * that comes too soon is said later if it is still true then. Confined to the control thread.
 */
final class ConditionLog {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final String FINE = "fine";

    private final NamedLog log;
    private final RateLimitedLog warnings;
    private final LongSupplier nanoClock;
    private String said = FINE;
    private long silentUntil;

    ConditionLog(NamedLog log, LongSupplier nanoClock) {
        this.log = log;
        this.nanoClock = nanoClock;
        warnings = new RateLimitedLog(log, nanoClock);
        silentUntil = nanoClock.getAsLong();
    }

    /** All is well; the line is for people who have been told otherwise. */
    void fine(String line) {
        if (isNews(FINE)) {
            log.info(line);
        }
    }

    /** Something is wrong. The same condition is said once, whatever the line. */
    void wrong(String condition, String line) {
        if (isNews(condition)) {
            warnings.warn(line, null, null);
        }
    }

    private boolean isNews(String condition) {
        long now = nanoClock.getAsLong();
        if (condition.equals(said) || now - silentUntil < 0) {
            return false;
        }
        said = condition;
        silentUntil = now + PAUSE;
        return true;
    }
}
