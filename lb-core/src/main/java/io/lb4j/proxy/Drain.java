package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.loop.Deadline;
import io.lb4j.internal.loop.LoopCounters;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The polite end of a loop, or of one frontend on it: lets connections finish, and resets those that are left one after
 * another over the last part of the time, so that their clients do not all come back at once. Confined to its loop.
 */
final class Drain extends Deadline {
    /** While it resets what is left, the loop turns no more often than this. */
    private static final long SHORTEST_STEP = TimeUnit.MILLISECONDS.toNanos(1);

    private final EventLoop loop;
    private final @Nullable Acceptors frontend;
    private boolean isSet;
    private long end;
    private long step;
    private int resetsInAStep;
    private long finished;
    private long aborted;

    /** @param frontend whose connections; null for those of the whole loop */
    Drain(EventLoop loop, @Nullable Acceptors frontend) {
        this.loop = loop;
        this.frontend = frontend;
    }

    /** The deadline can come nearer, not go away. */
    void set(long deadline, long spread) {
        if (!isSet || deadline - end < 0) {
            // First: what fails is asked for again.
            loop.deadlines().scheduleBy(this, deadline - spread);
            isSet = true;
            end = deadline;
            step = 0;
        }
    }

    /** One of the connections has ended. */
    void ended(CloseReason reason) {
        if (reason == CloseReason.DRAIN_DEADLINE || reason == CloseReason.BALANCER_CLOSED) {
            aborted++;
        } else {
            finished++;
        }
    }

    DrainResult result() {
        return new DrainResult(finished, aborted);
    }

    @Override
    public void expired(long now) {
        if (now - end >= 0) {
            endNow(now);
            return;
        }
        boolean isFirst = step == 0;
        if (isFirst) {
            // The last one goes at the deadline itself.
            int left = Math.max(1, size());
            step = Math.max(SHORTEST_STEP, (end - now) / left);
            resetsInAStep = (int) Math.max(1, left * step / (end - now));
        }
        // First of all: whatever fails below, the next step comes.
        loop.deadlines().scheduleBy(this, now + step - end < 0 ? now + step : end);
        if (!isFirst) {
            loop.connections().abortSome(resetsInAStep, frontend, CloseReason.DRAIN_DEADLINE);
        }
    }

    private int size() {
        return frontend == null
                ? loop.connections().size()
                : (int) frontend.counters().get(LoopCounters.ACTIVE);
    }

    private void endNow(long now) {
        boolean nobodyComes = frontend == null ? loop.acceptSide().areClosed() : frontend.isClosed();
        if (!nobodyComes) {
            // Who waits in the backlog is accepted first, in portions.
            loop.deadlines().scheduleBy(this, now + SHORTEST_STEP);
        } else if (frontend == null) {
            loop.ending().close(CloseReason.DRAIN_DEADLINE);
        } else {
            // First: whatever fails below is tried again, until the frontend has ended.
            loop.deadlines().scheduleBy(this, now + SHORTEST_STEP);
            loop.connections().abortSome(Integer.MAX_VALUE, frontend, CloseReason.DRAIN_DEADLINE);
        }
    }
}
