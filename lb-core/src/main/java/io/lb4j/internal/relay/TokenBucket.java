package io.lb4j.internal.relay;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * How many bytes may pass: after a silence a burst, then at a rate that can be changed, or be none. Whoever finds too few gets a
 * time at which his are due, and everybody else a later one: so all who share it take turns. Thread-safe.
 */
public final class TokenBucket {
    /*
     * The generic cell rate algorithm (ITU-T I.371), with bytes for cells: `due` is when the next byte would pass if all that
     * have been taken had passed evenly. They may pass ahead of that by as long as a burst takes. What is taken costs its
     * time rounded up, what is given back brings its time rounded down: it is never more than was said.
     *
     * With another rate the level stays: as great a part of the burst is there as before. What was promised for later is void,
     * by the number of the rate (`era`): whoever has a promise asks anew, and gives nothing back.
     */
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int LEAST_BURST = 16 * 1024;

    /** Who waits takes a twentieth of a second's at most, so that others do not wait for long. */
    private static final int SHARES = 20;

    private static final int LARGEST_SHARE = 64 * 1024;

    // All of it is guarded by this.
    private long due;
    private long era;

    /** 0 for any number. */
    private long bytesPerSecond;

    /** How far ahead of an even flow bytes may be, in nanoseconds. */
    private long tolerance;

    /** A full one without a limit. */
    TokenBucket(long now) {
        due = now;
    }

    /**
     * Another rate from now on.
     *
     * @param rate bytes a second; empty for any number
     */
    synchronized void limit(OptionalLong rate, long burstNanos, long now) {
        long before = bytesPerSecond;
        long toleranceBefore = tolerance;
        long ahead = Math.min(Math.max(0, due - now), toleranceBefore);
        bytesPerSecond = rate.orElse(0);
        tolerance = bytesPerSecond == 0 ? 0 : Math.max(burstNanos, cost(LEAST_BURST));
        if (before != bytesPerSecond || toleranceBefore != tolerance) {
            era++;
            due = before == 0 ? now : now + (long) ((double) ahead / toleranceBefore * tolerance);
        }
    }

    synchronized boolean isLimited() {
        return bytesPerSecond != 0;
    }

    /** Changes with the rate. What was taken in another era is neither there nor to be given back. */
    synchronized long era() {
        return era;
    }

    /** How many bytes to ask for at a time at most, when one has to wait for them. */
    synchronized int share() {
        if (bytesPerSecond == 0) {
            return LARGEST_SHARE;
        }
        long most = Math.max(1, Math.min(LARGEST_SHARE, bytesPerSecond / SHARES));
        return bytesIn(tolerance, (int) most);
    }

    /** Takes so many bytes. Returns when they may pass: now, or later. */
    synchronized long reserve(int bytes, long now) {
        if (bytesPerSecond == 0) {
            return now;
        }
        due = later(due, now) + cost(bytes);
        return later(now, due - tolerance);
    }

    /** Takes as many bytes as may pass now, at most so many. */
    synchronized int take(int most, long now) {
        if (bytesPerSecond == 0) {
            return most;
        }
        long from = later(due, now);
        int bytes = bytesIn(now + tolerance - from, most);
        if (bytes > 0) {
            due = from + cost(bytes);
        }
        return bytes;
    }

    /** So many of those that were taken in this era did not pass. */
    synchronized void giveBack(int bytes, long takenIn) {
        if (bytesPerSecond != 0 && takenIn == era) {
            due -= bytes * SECOND / bytesPerSecond;
        }
    }

    synchronized boolean isFull(long now) {
        return bytesPerSecond == 0 || due - now <= 0;
    }

    private long cost(int bytes) {
        return (bytes * SECOND + bytesPerSecond - 1) / bytesPerSecond;
    }

    /** How many bytes pass in this time, if it is not more than {@code most}. */
    private int bytesIn(long nanos, int most) {
        if (nanos <= 0) {
            return 0;
        }
        return nanos >= cost(most) ? most : (int) (nanos * bytesPerSecond / SECOND);
    }

    private static long later(long one, long other) {
        return one - other >= 0 ? one : other;
    }
}
