package io.lb4j.internal.util;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waiting for what nobody tells of. For users' threads, never for the library's. */
public final class Polling {
    private static final long PAUSE_MILLIS = 5;

    private Polling() {}

    /**
     * Looks every 5 ms until this holds, at least once, and for no longer than that. Returns whether it holds.
     *
     * @throws IllegalArgumentException when {@code atMost} is negative
     */
    public static boolean await(BooleanSupplier condition, Duration atMost) throws InterruptedException {
        long nanos = Checks.notNegative("atMost", atMost).toNanos();
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long left = nanos - (System.nanoTime() - begin);
            if (left <= 0) {
                return false;
            }
            Thread.sleep(Math.min(PAUSE_MILLIS, TimeUnit.NANOSECONDS.toMillis(left) + 1));
        }
        return true;
    }
}
