package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/** What is said of the checks of one pool. Confined to the control thread, but for {@link #checkerFault}. */
final class HealthLog {
    /** A timeout that needs no warning, whatever the interval. */
    private static final Duration ALWAYS_SHORT = Duration.ofSeconds(1);

    private final NamedLog lines;
    private final RateLimitedLog log;
    private boolean starved;

    /** @param name what lines begin with */
    HealthLog(String name, LongSupplier nanoClock) {
        lines = lines(name);
        log = new RateLimitedLog(lines, nanoClock);
    }

    static NamedLog lines(String name) {
        return new NamedLog(LoggerFactory.getLogger(HealthMonitor.class), name);
    }

    /** Warns of what works, but not as one may think. */
    void warnOf(HealthCheckPolicy policy) {
        boolean isLong = policy.timeout().compareTo(ALWAYS_SHORT) > 0;
        if (isLong && policy.timeout().compareTo(policy.interval()) > 0) {
            lines.warn("health check timeout: " + policy.timeout() + " (expected: at most the interval, "
                    + policy.interval() + "): a backend that does not answer is noticed later than the interval says");
        }
    }

    /** On the thread of the check: a checker threw what looks like a fault of its own, and its author wants to know where. */
    void checkerFault(Backend backend, Throwable fault) {
        if (lines.isDebugEnabled()) {
            lines.debug("health check of " + backend + " failed", fault);
        }
    }

    /** @param nanos since its thread was interrupted */
    void stuck(Backend backend, long nanos) {
        log.warn(
                "health check of " + backend,
                "does not return, although it was interrupted " + TimeUnit.NANOSECONDS.toSeconds(nanos)
                        + " s ago; it keeps its thread, and the backend is not checked until it does",
                null);
    }

    /**
     * Says that some are not checked, when that begins.
     *
     * @param limit of threads
     */
    void starving(Slots slots, int limit) {
        int starving = slots.starving();
        if (starving > 0 && !starved) {
            log.warn(
                    starving + (starving == 1 ? " backend is" : " backends are") + " not checked:",
                    slots.held() + " of " + limit
                            + " threads are held by checks that do not return, although they were interrupted",
                    null);
        }
        starved = starving > 0;
    }

    void auditFailed(Throwable failure) {
        log.warn("audit of a health check", "failed", failure);
    }
}
