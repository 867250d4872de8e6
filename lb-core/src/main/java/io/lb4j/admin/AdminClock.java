package io.lb4j.admin;

import java.util.function.LongSupplier;

/**
 * The time, handed in.
 *
 * @param nanos from any origin; only differences are used
 * @param millis since 1970, for people; may jump
 */
record AdminClock(LongSupplier nanos, LongSupplier millis) {
    static AdminClock ofSystem() {
        return new AdminClock(System::nanoTime, System::currentTimeMillis);
    }

    long nowNanos() {
        return nanos.getAsLong();
    }

    long nowMillis() {
        return millis.getAsLong();
    }
}
