package io.lb4j.internal.relay;

import io.lb4j.internal.loop.Deadline;
import java.util.concurrent.TimeUnit;

/**
 * The time in which the side that remains, after the other one is lost, may finish what it is doing; what it still sends
 * meanwhile is thrown away. Made with its connection's relay, as an end must not need memory. Confined to its loop.
 */
public final class Linger {
    /** How long after the last byte it was sent, and for how many bytes of its own. */
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(30);

    private static final long MOST_BYTES = 16 << 20;

    private static final long LAST_MOMENT = TimeUnit.MILLISECONDS.toNanos(200);

    /** A client that reads sees the end of the stream in this time, which a reset behind it may take away. */
    private static final long END_SEEN = TimeUnit.MILLISECONDS.toNanos(25);

    private boolean isOn;
    private boolean isLastMoment;
    private long until;
    private long discardedBefore;

    /** Whether one side is lost, and the other has only {@link #until}. */
    boolean isOn() {
        return isOn;
    }

    long until() {
        return until;
    }

    /** The other side has been sent all there was, or is being sent what is left; nothing when it has begun. */
    void begin(Relay owed, long discarded) {
        if (!isOn) {
            isOn = true;
            until = owed.progressAt() + LONGEST;
            discardedBefore = discarded;
        }
    }

    /** A slow sink may have some 2 KB left to take that the kernel does not speak of: a moment for that, given once. */
    void lastMoment(long now) {
        if (!isLastMoment) {
            long end = now + LAST_MOMENT;
            until = isOn ? Deadline.earlier(until, end) : end;
            isOn = true;
            isLastMoment = true;
        }
    }

    /** All that the client is to get, it has; this was told to it then. */
    void endSeen(long endedAt) {
        until = Deadline.earlier(until, endedAt + END_SEEN);
    }

    /** Whether so much has been sent to nobody that it is enough. */
    boolean hasChattered(long discarded) {
        return discarded - discardedBefore > MOST_BYTES;
    }
}
