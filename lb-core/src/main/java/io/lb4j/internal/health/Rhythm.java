package io.lb4j.internal.health;

import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.Platform;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * When the checks of all backends come: how long it is to the next one, how those of different backends are kept apart,
 * and whether one was kept from coming in time. For the control thread.
 */
final class Rhythm {
    /*
     * What all backends share for a moment must not decide for all: so their checks are spread over the interval, from
     * the first round on. In steps, of which there are few: of a thousand backends twenty are checked together, and
     * their timeouts come together, which wakes few threads.
     */
    private static final int STEPS = 50;

    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
    private static final double SMALLEST_PART = 0.1;
    private static final long IN_TRANSITION = TimeUnit.SECONDS.toNanos(1);
    private static final long WHILE_DOWN = TimeUnit.SECONDS.toNanos(2);
    private static final long WHILE_NOBODY_IS_UP = TimeUnit.SECONDS.toNanos(1);

    /** From here on a task of the control thread is so late that more than a busy moment was in between. */
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(250);

    private final Platform platform;
    private final long created;
    private HealthCheckPolicy policy;
    private int up;
    private int parts;
    private boolean wasLate;
    private long lateAt;

    Rhythm(Platform platform, HealthCheckPolicy policy) {
        this.platform = platform;
        this.policy = policy;
        created = now();
    }

    private long now() {
        return platform.nanoClock().getAsLong();
    }

    void policy(HealthCheckPolicy changed) {
        policy = changed;
    }

    /** From the begin of the last check to that of the next, for a backend of this health. */
    long interval(Health health) {
        long interval = policy.interval().toNanos();
        if (health.isInTransition()) {
            interval = nanos(policy.intervalInTransition(), Math.min(interval, IN_TRANSITION));
        } else if (!health.up()) {
            interval = nanos(policy.intervalWhileDown(), Math.min(interval, WHILE_DOWN));
        }
        return up > 0 ? interval : Math.min(interval, WHILE_NOBODY_IS_UP);
    }

    private static long nanos(Optional<Duration> given, long otherwise) {
        return given.isPresent() ? given.get().toNanos() : otherwise;
    }

    /** Whether this is the interval of a backend of which nothing is in doubt. */
    boolean isUsual(long interval) {
        return interval == policy.interval().toNanos();
    }

    /**
     * That part of an interval after this time, in steps of a fiftieth of the interval, sooner or later at random:
     * enough for balancers to drift apart.
     */
    long after(long time, long interval, double part) {
        double jitter = policy.jitterPercent() / 100.0 * (2 * platform.random().nextDouble() - 1);
        long step = Math.max(1, interval / STEPS);
        long at = time + (long) (interval * part * (1 + jitter));
        return created + Math.floorDiv(at - created + step / 2, step) * step;
    }

    /**
     * How much of its first interval the next backend waits, a tenth to the whole: by the golden ratio, by which each
     * one falls into the widest gap that those before it have left.
     */
    double nextPart() {
        double turns = parts++ * GOLDEN;
        return Math.max(SMALLEST_PART, 1 - (turns - Math.floor(turns)));
    }

    /** The health of one was, and is now; false for one that is not checked. Returns whether nobody is up any more. */
    boolean changed(boolean before, boolean after) {
        up += (after ? 1 : 0) - (before ? 1 : 0);
        return before && !after && up == 0;
    }

    /**
     * A task of the control thread that was to run at this time runs now. When that is late, this process was kept from
     * running, or this thread was: then that checks which were under way failed is no verdict.
     */
    void runs(long dueAt) {
        if (now() - dueAt > LATE && (!wasLate || dueAt - lateAt > 0)) {
            wasLate = true;
            lateAt = dueAt;
        }
    }

    /** Whether a task that was due after this time came late. */
    boolean wasLateSince(long time) {
        return wasLate && lateAt - time >= 0;
    }
}
