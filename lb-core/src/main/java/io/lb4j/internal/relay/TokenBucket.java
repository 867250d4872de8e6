package io.lb4j.internal.relay;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes may pass: after a silence a burst, then at a rate that can be changed, or be none. Whoever finds too few gets a
 * time at which his are due, and everybody else a later one: so all who share it take turns. Thread-safe.
 */
public final class TokenBucket {
    /*
     * The generic cell rate algorithm (ITU-T I.371), with bytes for cells: `due` is when the next byte would pass if all that
     * have been taken had passed evenly. They may pass ahead of that by as long as a burst takes. What is taken costs its
     * time rounded up, what is given back brings its time rounded down: it is never more than was said.
     */
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int LEAST_BURST = 16 * 1024;

    /** Who waits for his share takes a twentieth of a second's, so that he does not wait, or is woken, too often. */
    private static final int SHARES = 20;

    private static final int LARGEST_SHARE = 64 * 1024;

    /** @param tolerance how far ahead of an even flow bytes may be, in nanoseconds */
    private record Pace(long bytesPerSecond, long tolerance) {
        static Pace of(long bytesPerSecond, long burstNanos) {
            long least = nanosUp(LEAST_BURST, bytesPerSecond);
            return new Pace(bytesPerSecond, Math.max(burstNanos, least));
        }

        static long nanosUp(long bytes, long bytesPerSecond) {
            return (bytes * SECOND + bytesPerSecond - 1) / bytesPerSecond;
        }

        long cost(int bytes) {
            return nanosUp(bytes, bytesPerSecond);
        }

        long refund(int bytes) {
            return bytes * SECOND / bytesPerSecond;
        }

        /** How many bytes pass in this time, if it is not more than {@code most}. */
        int bytesIn(long nanos, int most) {
            return nanos >= cost(most) ? most : (int) (nanos * bytesPerSecond / SECOND);
        }
    }

    private final AtomicLong due;
    private volatile @Nullable Pace pace;

    /** A full one without a limit. */
    TokenBucket(long now) {
        due = new AtomicLong(now);
    }

    /**
     * Another rate from now on: what has been taken is paid off at that one.
     *
     * @param bytesPerSecond empty for any number
     */
    void limit(OptionalLong bytesPerSecond, long burstNanos, long now) {
        Pace before = pace;
        Pace next = bytesPerSecond.isPresent() ? Pace.of(bytesPerSecond.getAsLong(), burstNanos) : null;
        if (next != null && !next.equals(before)) {
            double factor = before == null ? 0 : (double) before.bytesPerSecond / next.bytesPerSecond;
            due.updateAndGet(present -> now + (long) (Math.max(0, present - now) * factor));
        }
        pace = next;
    }

    boolean isLimited() {
        return pace != null;
    }

    /** How many bytes to ask for at a time, when one has to wait for them. */
    int share() {
        Pace present = pace;
        return present == null
                ? LARGEST_SHARE
                : (int) Math.max(1, Math.min(LARGEST_SHARE, present.bytesPerSecond / SHARES));
    }

    /** Takes so many bytes. Returns when they may pass: now, or later. */
    long reserve(int bytes, long now) {
        Pace present = pace;
        if (present == null) {
            return now;
        }
        return later(now, advance(bytes, now, present) - present.tolerance);
    }

    private long advance(int bytes, long now, Pace present) {
        long cost = present.cost(bytes);
        for (long before = due.get(); true; before = due.get()) {
            long after = later(before, now) + cost;
            if (due.compareAndSet(before, after)) {
                return after;
            }
        }
    }

    /** Takes as many bytes as may pass now, at most so many. */
    int take(int most, long now) {
        Pace present = pace;
        if (present == null) {
            return most;
        }
        while (true) {
            long before = due.get();
            long from = later(before, now);
            int bytes = present.bytesIn(now + present.tolerance - from, most);
            if (bytes <= 0) {
                return 0;
            }
            if (due.compareAndSet(before, from + present.cost(bytes))) {
                return bytes;
            }
        }
    }

    /** So many of those that were taken did not pass. */
    void giveBack(int bytes) {
        Pace present = pace;
        if (present != null) {
            due.addAndGet(-present.refund(bytes));
        }
    }

    boolean isFull(long now) {
        return due.get() - now <= 0;
    }

    private static long later(long one, long other) {
        return one - other >= 0 ? one : other;
    }
}
