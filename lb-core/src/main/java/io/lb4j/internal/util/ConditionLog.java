package io.lb4j.internal.util;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says in the log how something is doing, when that changes and not each time, and at most once a second. A change
 * that comes too soon is said at the end of that second if it is still true then. Confined to one thread at a time.
 */
public final class ConditionLog {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final String FINE = "fine";

    private final NamedLog log;
    private final RateLimitedLog warnings;
    private final LongSupplier nanoClock;
    private String said = FINE;
    private @Nullable String unsaid;
    private String unsaidLine = "";
    private long silentUntil;

    public ConditionLog(NamedLog log, LongSupplier nanoClock) {
        this.log = log;
        this.nanoClock = nanoClock;
        warnings = new RateLimitedLog(log, nanoClock);
        silentUntil = nanoClock.getAsLong();
    }

    /** All is well; the line is for people who have been told otherwise. */
    public void fine(String line) {
        is(FINE, line);
    }

    /** Something is wrong. The same condition is said once, whatever the line. */
    public void wrong(String condition, String line) {
        is(condition, line);
    }

    private void is(String condition, String line) {
        unsaid = condition.equals(said) ? null : condition;
        unsaidLine = line;
        sayWhatIsDue();
    }

    /** Says what came too soon, if its time has come. Allocates nothing when there is nothing to say. */
    public void sayWhatIsDue() {
        String condition = unsaid;
        long now = nanoClock.getAsLong();
        if (condition == null || now - silentUntil < 0) {
            return;
        }
        unsaid = null;
        said = condition;
        silentUntil = now + PAUSE;
        if (condition.equals(FINE)) {
            log.info(unsaidLine);
        } else {
            warnings.warn(unsaidLine, null, null);
        }
    }
}
