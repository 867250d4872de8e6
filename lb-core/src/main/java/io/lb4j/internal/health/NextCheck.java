package io.lb4j.internal.health;

import java.util.concurrent.TimeUnit;

/** When one backend is checked next, counted from the begin of its last check. Confined to the control thread. */
final class NextCheck {
    /** A check that could not find out is made again after this, or after the interval if that is shorter. */
    private static final long RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    /** However many connections fail, a backend is checked no sooner than this after its last check began. */
    private static final long SOONEST = TimeUnit.SECONDS.toNanos(1);

    /** A check that began this little after its time counts as begun in time, so that times do not drift apart. */
    private static final long ON_TIME = TimeUnit.MILLISECONDS.toNanos(5);

    private final HealthMonitor monitor;
    private final Rhythm rhythm;
    private final Runnable dueIfTime;

    private double part = 1;

    /** Whether its checks have the place in the interval that keeps them apart from those of others. */
    private boolean isSpread;

    private boolean isScheduled;
    private long at;
    private long beganAt;

    /** @param dueIfTime looks whether it its time {@linkplain #hasCome has come}; run when that may be so */
    NextCheck(HealthMonitor monitor, Runnable dueIfTime) {
        this.monitor = monitor;
        this.dueIfTime = dueIfTime;
        rhythm = monitor.rhythm();
    }

    /** Takes the place that keeps it apart from others: once, before anything else. */
    void takePart() {
        part = rhythm.nextPart();
    }

    void atOnce() {
        at(monitor.now());
    }

    /** As soon as may be, if nothing is under way or sooner due. */
    void soon() {
        long soonest = Math.max(0, beganAt + SOONEST - monitor.now()) + monitor.now();
        if (isScheduled && soonest - at < 0) {
            isSpread = false;
            at(soonest);
        }
    }

    /** After a check that found out something. */
    void regularly(Health health) {
        long interval = rhythm.interval(health);
        boolean isUsual = rhythm.isUsual(interval);
        double wait = isUsual && !isSpread ? part : 1;
        isSpread = isUsual;
        at(rhythm.after(beganAt, interval, wait));
    }

    /** The intervals of the new policy count from now on. */
    void policyChanged(Health health) {
        isSpread = false;
        if (isScheduled) {
            regularly(health);
        }
    }

    /** After a check that found out nothing. */
    void again(Health health) {
        at(rhythm.after(monitor.now(), Math.min(RETRY_AFTER, rhythm.interval(health)), 1));
    }

    /** After one that was not made. */
    void afterInterval(Health health) {
        at(rhythm.after(monitor.now(), rhythm.interval(health), 1));
    }

    /** At this time of the nano clock, or at once when that is over. */
    void at(long time) {
        long now = monitor.now();
        isScheduled = true;
        at = time - now > 0 ? time : now;
        monitor.later(dueIfTime, at - now);
    }

    /**
     * Whether its time has come; then a task runs that was to run at that time.
     *
     * @param idle it is not being made, nor about to be: then it is time as well if whoever was to say when could not
     */
    boolean hasCome(boolean idle) {
        boolean isDue = isScheduled && monitor.now() - at >= 0;
        if (isDue) {
            rhythm.runs(at);
        }
        return isDue || (idle && !isScheduled);
    }

    /** It is about to be made, and none is scheduled any more. */
    void taken() {
        isScheduled = false;
    }

    void begins(long now) {
        beganAt = now - at < ON_TIME ? at : now;
    }

    /** When the last check began. */
    long beganAt() {
        return beganAt;
    }
}
