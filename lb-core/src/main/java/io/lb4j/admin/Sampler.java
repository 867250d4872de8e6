package io.lb4j.admin;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Has every balancer's figures kept in time. Confined to the admin thread. */
final class Sampler {
    private final AdminClock clock;
    private final List<Shown> shown;
    private long nextAt;

    Sampler(AdminClock clock, List<Shown> shown) {
        this.clock = clock;
        this.shown = shown;
        nextAt = clock.nowNanos() + History.STEP_NANOS;
    }

    /** 1 or more. */
    long millisToNext() {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nextAt - clock.nowNanos()) + 1);
    }

    void sampleIfDue() {
        long now = clock.nowNanos();
        if (now - nextAt >= 0) {
            // First of all: whatever fails below, there is a next time. Those that were missed are not made up for.
            nextAt = Math.max(nextAt, now - History.STEP_NANOS) + History.STEP_NANOS;
            shown.forEach(this::sample);
        }
    }

    /** Nothing is heard of any of them any more. */
    void end() {
        shown.forEach(Shown::close);
    }

    /** What fails with one must not keep the others from theirs. */
    private void sample(Shown one) {
        try {
            one.sample();
        } catch (Throwable failure) {
            one.log.warn("admin: no figures were kept this time", null, failure);
        }
    }
}
