package io.lb4j.internal.relay;

import java.util.concurrent.TimeUnit;

/**
 * The last bytes that a sink gets before it is reset, on their way: the kernel says when next to nothing of them is left
 * (see {@link Endpoint#shrinkSendBuffer}). Confined to its connection's loop.
 */
public final class LastDelivery {
    /** A kernel with nothing to deliver says so in the next turn of the loop. */
    private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(5);

    private final long beganAt;

    /** Whether the sink is known to be a slow one. */
    private final boolean isSlow;

    private boolean waiting = true;
    private boolean over;
    private boolean tookLong;

    LastDelivery(long now, boolean isSlow) {
        beganAt = now;
        this.isSlow = isSlow;
    }

    boolean isWaiting() {
        return waiting;
    }

    /** The kernel says so. */
    void writable(long now) {
        if (waiting) {
            waiting = false;
            over = true;
            tookLong = isSlow || now - beganAt > AT_ONCE;
        }
    }

    /** There is nobody to deliver to. */
    void callOff() {
        waiting = false;
    }

    /** Whether next to nothing is left in this machine's kernel. */
    boolean isOver() {
        return over;
    }

    /** Whether the sink is a slow one, so that the little that is left may need a moment. */
    boolean tookLong() {
        return tookLong;
    }
}
