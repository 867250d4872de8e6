package io.lb4j.health;

import java.time.Duration;

/** When a check has to be over, kept by the checker itself. */
final class Deadline {
    /** Nanoseconds and the socket's milliseconds both hold it; nobody waits longer for a check. */
    private static final Duration LONGEST = Duration.ofDays(7);

    private final long wholeNanos;
    private final long begin = System.nanoTime();

    private Deadline(Duration timeout) {
        wholeNanos = (timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST).toNanos();
    }

    static Deadline in(Duration timeout) {
        return new Deadline(timeout);
    }

    /** The time left, zero when it is over. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, wholeNanos - (System.nanoTime() - begin)));
    }

    /** The time left, rounded up: 0 means over, which is what it never means to a socket. */
    int millisLeft() {
        return (int) left().plusNanos(999_999).toMillis();
    }

    /** The whole time, for people. */
    String within() {
        return "within " + Math.max(1, Duration.ofNanos(wholeNanos).toMillis()) + " ms";
    }
}
