package io.lb4j.internal.relay;

import java.util.concurrent.TimeUnit;

/**
 * How it stands with the last bytes that a sink gets before it is reset: the kernel says when next to nothing of them is left
 * (see {@link Endpoint#shrinkSendBuffer}). Nothing to allocate, as a reset must not need memory.
 */
public enum LastDelivery {
    NONE,
    WAITING,
    OVER,
    /** Over, and the sink is a slow one, so that the little that is left may need a moment. */
    OVER_LATE,
    /** There is nobody to deliver to. */
    CALLED_OFF;

    /** A kernel with nothing to deliver says so in the next turn of the loop. */
    private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * The kernel says so.
     *
     * @param waited how long that has taken
     * @param isSlow whether the sink is known to be a slow one
     */
    LastDelivery writable(long waited, boolean isSlow) {
        if (this != WAITING) {
            return this;
        }
        return isSlow || waited > AT_ONCE ? OVER_LATE : OVER;
    }

    LastDelivery callOff() {
        return this == WAITING ? CALLED_OFF : this;
    }

    /** Whether next to nothing is left in this machine's kernel. */
    boolean isOver() {
        return this == OVER || this == OVER_LATE;
    }
}
