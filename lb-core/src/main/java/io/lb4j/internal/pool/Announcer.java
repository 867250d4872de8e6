package io.lb4j.internal.pool;

import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Tells log and listener of changes, on the control thread, in the order in which they were made. */
final class Announcer {
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(200);

    private final NamedLog log;
    private final RateLimitedLog guestLog;
    private final @Nullable LoadBalancerListener listener;
    private final Scheduler control;
    private final LongSupplier nanoClock;

    Announcer(String name, @Nullable LoadBalancerListener listener, Scheduler control, LongSupplier nanoClock) {
        log = new NamedLog(LoggerFactory.getLogger(BackendPool.class), name);
        guestLog = new RateLimitedLog(log, nanoClock);
        this.listener = listener;
        this.control = control;
        this.nanoClock = nanoClock;
    }

    void statusChanged(BackendStatusChanged event, long up, int all) {
        control.execute(() -> {
            log.info("backend " + event.backend() + " " + event.to() + " " + event.reason() + ", " + up + " of " + all
                    + " up");
            if (listener != null) {
                tell(listener, event);
            }
        });
    }

    void info(String message) {
        control.execute(() -> log.info(message));
    }

    private void tell(LoadBalancerListener told, BackendStatusChanged event) {
        long began = nanoClock.getAsLong();
        try {
            told.backendStatusChanged(event);
        } catch (Throwable failure) {
            guestLog.warn("listener", "failed", failure);
        }
        long took = nanoClock.getAsLong() - began;
        if (took > SLOW) {
            String millis = TimeUnit.NANOSECONDS.toMillis(took) + " ms";
            guestLog.warn("listener", "took " + millis + "; health checks waited", null);
        }
    }
}
