package io.lb4j.internal.relay;

import io.lb4j.internal.loop.Deadline;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time in which the side that remains, after the other one is lost, may finish what it is doing; what it still sends
 * meanwhile is thrown away. Confined to its connection's loop.
 */
public final class Linger {
    /** How long after the last byte it was sent, and for how many bytes of its own. */
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(30);

    private static final long MOST_BYTES = 16 << 20;

    private static final long LAST_MOMENT = TimeUnit.MILLISECONDS.toNanos(200);

    /** A client that reads sees the end of the stream in this time, which a reset behind it may take away. */
    private static final long END_SEEN = TimeUnit.MILLISECONDS.toNanos(25);

    private final long discardedBefore;
    private boolean isLastMoment;
    private long until;

    private Linger(long until, long discardedBefore) {
        this.until = until;
        this.discardedBefore = discardedBefore;
    }

    /** Begins when one side is lost, and the other has been sent all there was, or is being sent what is left. */
    static Linger after(Relay owed, long discardedBefore) {
        return new Linger(owed.progressAt() + LONGEST, discardedBefore);
    }

    /** A slow sink may have some 2 KB left to take that the kernel does not speak of: a moment for that, given once. */
    static Linger lastMoment(@Nullable Linger present, long now) {
        long end = now + LAST_MOMENT;
        Linger linger = present == null ? new Linger(end, 0) : present;
        if (!linger.isLastMoment) {
            linger.isLastMoment = true;
            linger.until = Deadline.earlier(linger.until, end);
        }
        return linger;
    }

    /** All that the client is to get, it has; this was told to it then. */
    void endSeen(long endedAt) {
        until = Deadline.earlier(until, endedAt + END_SEEN);
    }

    long until() {
        return until;
    }

    /** Whether so much has been sent to nobody that it is enough. */
    boolean hasChattered(long discarded) {
        return discarded - discardedBefore > MOST_BYTES;
    }
}
