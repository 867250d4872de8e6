package io.lb4j.internal.discovery;

import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Scheduler;
import java.time.Duration;

/**
 * When the next call of a discovery begins. There is one begin in the schedule at a time: planning another makes the one
 * before void. Confined to the control thread.
 */
final class NextCall {
    /** Calls are spread by up to this part of the interval, so that balancers that started together drift apart. */
    private static final double JITTER = 0.05;

    private final Scheduler control;
    private final Platform platform;
    private final Runnable begin;
    private long plan;
    private long at;

    NextCall(Scheduler control, Platform platform, Runnable begin) {
        this.control = control;
        this.platform = platform;
        this.begin = begin;
    }

    /** About an interval from now. */
    void after(Duration interval) {
        long nanos = interval.toNanos();
        plan(nanos + (long) (nanos * JITTER * (2 * platform.random().nextDouble() - 1)));
    }

    /** In so many nanoseconds, unless it is planned for a time before that. */
    void noLaterThanIn(long nanos) {
        if (nanos < at - now()) {
            plan(nanos);
        }
    }

    private void plan(long delayNanos) {
        long current = ++plan;
        at = now() + delayNanos;
        try {
            control.later(
                    () -> {
                        if (current == plan) {
                            begin.run();
                        }
                    },
                    delayNanos);
        } catch (Throwable noMemory) {
            // The audit sees that time come.
        }
    }

    boolean isDue() {
        return now() - at >= 0;
    }

    private long now() {
        return platform.nanoClock().getAsLong();
    }
}
