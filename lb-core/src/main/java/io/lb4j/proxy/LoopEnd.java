package io.lb4j.proxy;

import io.lb4j.event.CloseReason;

/** When a loop ends, and how: politely, by a drain, or at once. Confined to its loop, but for {@link #soon}. */
final class LoopEnd {
    private final EventLoop loop;
    private final Drain drain;
    private boolean draining;

    /** It ends as soon as it has no connection; those it has are reset. */
    private boolean closed;

    private CloseReason reason = CloseReason.BALANCER_CLOSED;

    /** For who had no memory to ask for it otherwise. */
    private volatile boolean closeWanted;

    LoopEnd(EventLoop loop) {
        this.loop = loop;
        drain = new Drain(loop, null);
    }

    /** Any thread: resets every connection and ends the loop, after what was asked of it before. Does not fail. */
    void soon() {
        try {
            loop.post(() -> close(CloseReason.BALANCER_CLOSED));
        } catch (Throwable exhausted) {
            closeWanted = true;
            loop.inbox().wakeUp();
        }
    }

    /**
     * Accepts no more and lets connections end; those that are left are reset one after another over the last
     * {@code spread} nanoseconds before the deadline, so that their clients do not all come back at once. Then the loop
     * ends.
     */
    void drain(long deadline, long spread) {
        if (!draining && !closed) {
            draining = true;
            loop.acceptSide().stop();
            closed = nobodyIsLeft();
        }
        drain.set(deadline, spread);
    }

    /** Resets every connection and ends the loop. */
    void close(CloseReason why) {
        if (!closed) {
            closed = true;
            reason = why;
        }
        loop.acceptSide().close();
    }

    /** A connection has ended. */
    void ended(CloseReason why) {
        if (draining) {
            drain.ended(why);
            look();
        }
    }

    /** Sees whether the last one of a drain is gone. */
    void look() {
        closed |= draining && nobodyIsLeft();
    }

    private boolean nobodyIsLeft() {
        return loop.acceptSide().areClosed() && loop.connections().isEmpty();
    }

    /** Whether the loop has nothing to wait for but its end. */
    boolean isNear() {
        return closed || closeWanted;
    }

    /** Ends what is to end. Returns whether nothing is left. */
    boolean isReached() {
        if (closeWanted) {
            close(CloseReason.BALANCER_CLOSED);
        }
        if (closed) {
            loop.connections().abortAll(reason);
        }
        return closed && loop.connections().isEmpty();
    }

    /** What became of the connections since the drain began; zeros without one. */
    DrainResult result() {
        return drain.result();
    }
}
