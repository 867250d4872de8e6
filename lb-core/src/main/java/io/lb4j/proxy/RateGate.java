package io.lb4j.proxy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets in so many a second, over all loops of a frontend: a tenth of a second's worth at once, and then one after another.
 * In any time {@code t} that makes no more than {@code burst + rate × t}. Thread-safe.
 */
final class RateGate {
    /*
     * The generic cell rate algorithm (ITU-T I.371) on one number: the time at which the next one would be due if all came
     * evenly. Whoever comes moves it on by one interval; who comes so early that it is more than a burst ahead has to wait.
     */
    private static final int BURSTS_IN_A_SECOND = 10;

    private final int perSecond;
    private final long interval;
    private final long tolerance;
    private final AtomicLong due;

    /** One of which nobody has been let in by yet. */
    RateGate(int perSecond, long now) {
        this(perSecond, new AtomicLong(now));
    }

    private RateGate(int perSecond, AtomicLong due) {
        this.perSecond = perSecond;
        interval = interval(TimeUnit.SECONDS.toNanos(1), perSecond);
        tolerance = (burst() - 1) * interval;
        this.due = due;
    }

    /** From one to the next, if so many come in this time evenly: rounded up, so that it is never more often than it was said. */
    static long interval(long nanos, int times) {
        return (nanos + times - 1) / times;
    }

    /** Another rate from now on, without a new burst for those who have had theirs. */
    RateGate with(int otherPerSecond, long now) {
        if (otherPerSecond == perSecond) {
            return this;
        }
        RateGate other = new RateGate(otherPerSecond, now);
        other.due.set(now + Math.max(0, Math.min(due.get() - now, other.tolerance + other.interval)));
        return other;
    }

    /** How many at once. */
    int burst() {
        return Math.max(1, perSecond / BURSTS_IN_A_SECOND);
    }

    /** Takes the slot of one who is to be let in now; false when it is too early for one more. */
    boolean tryTake(long now) {
        for (long next = due.get(); next - now <= tolerance; next = due.get()) {
            if (due.compareAndSet(next, (next - now > 0 ? next : now) + interval)) {
                return true;
            }
        }
        return false;
    }

    /** A slot was taken, and nobody was there to be let in. */
    void giveBack() {
        due.addAndGet(-interval);
    }

    /** Nanoseconds until the next one may be let in; 0 when he may now. */
    long nanosToSlot(long now) {
        return Math.max(0, due.get() - now - tolerance);
    }
}
