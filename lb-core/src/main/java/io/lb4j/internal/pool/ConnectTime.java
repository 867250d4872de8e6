package io.lb4j.internal.pool;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The moving average of one backend's connect time: a longer one counts at once, a shorter one draws it down by and by
 * ("peak EWMA", as in Twitter's Finagle). While nothing is connected it fades, so that a backend which was slow once is
 * tried again. Written by every loop.
 */
final class ConnectTime {
    /** The age at which a figure still counts 37 %. */
    private static final long DECAY = TimeUnit.SECONDS.toMillis(10);

    private final LongSupplier nanoClock;

    /** A float, the average in nanoseconds, and 32 bits of milliseconds, its time: one word, so no lock. 0: none. */
    private final AtomicLong averageAndTime = new AtomicLong();

    ConnectTime(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** The average now, in nanoseconds; 0 when there is none. */
    long nanos() {
        long word = averageAndTime.get();
        return word == 0 ? 0 : Math.max(1, (long) (average(word) * remains(word, millis())));
    }

    void add(long nanos) {
        float sample = Math.max(1, nanos);
        long before;
        long after;
        do {
            before = averageAndTime.get();
            int now = millis();
            after = word(next(before, sample, now), now);
        } while (!averageAndTime.compareAndSet(before, after));
    }

    private static float next(long before, float sample, int now) {
        if (before == 0) {
            return sample;
        }
        float average = average(before);
        double remains = remains(before, now);
        return sample > average ? sample : (float) (average * remains + sample * (1 - remains));
    }

    /** What is left of a figure by now: e to the power of minus its age. */
    private static double remains(long word, int now) {
        // The difference of wrapping times, right for 24 days; a negative one is a loop that was quicker, or very old.
        int age = now - (int) word;
        return Math.exp(-(double) Math.max(0, age) / DECAY);
    }

    private static float average(long word) {
        return Float.intBitsToFloat((int) (word >>> 32));
    }

    private static long word(float average, int millis) {
        return ((long) Float.floatToRawIntBits(average) << 32) | (millis & 0xffff_ffffL);
    }

    private int millis() {
        return (int) TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong());
    }
}
