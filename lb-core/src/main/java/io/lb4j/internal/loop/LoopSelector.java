package io.lb4j.internal.loop;

import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.MemoryInHand;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The selector of one loop, and another one when it cannot be trusted any more. Confined to its loop, but for {@link #wakeUp}. */
public final class LoopSelector {
    /*
     * An Error that comes out of a selector or a key, as when the heap is exhausted, leaves the selector with steps half
     * done. The JDK's then has changes of interest that look made and never reach the kernel (SelectorImpl.setEventOps,
     * EPollSelectorImpl.processUpdateQueue), so that a connection is never heard of again; or cancelled keys that it does
     * not know of, whose channels keep their descriptors when they are closed (SelectorImpl.cancel). None of this can be
     * seen from outside. So after an Error a new selector takes over all that is alive, and closing the old one, which
     * takes out every key it has, frees what is dead. That needs memory and descriptors itself: it is tried until it works,
     * and each time only once there is memory, as a selector that fails half made keeps its two descriptors.
     */
    private static final long FIRST_RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LAST_RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_GHOSTS = 100;

    /** What lives on a selector. */
    public interface Tenants {
        /** Registers everything that is alive with another selector as well. */
        void register(Selector fresh) throws IOException;

        /** From now on, the keys are those of this selector. Must not fail. */
        void moved(Selector fresh);
    }

    private final SelectorProvider sockets;
    private final MemoryInHand memory = new MemoryInHand();
    private volatile Selector current;
    private boolean doubtful;
    private long renewAt;
    private long retryAfter;

    public LoopSelector(SelectorProvider sockets) throws IOException {
        this.sockets = sockets;
        current = sockets.openSelector();
    }

    public Selector current() {
        return current;
    }

    /** Any thread: makes a select that waits, or the next one, return at once. */
    public void wakeUp() {
        // A selector that was replaced meanwhile: its loop looks for what is new before it waits again.
        current.wakeup();
    }

    /** Waits for so many milliseconds; 0 waits without end. */
    public void select(Consumer<SelectionKey> action, long millis) throws IOException {
        current.select(action, millis);
    }

    public void selectNow(Consumer<SelectionKey> action) throws IOException {
        current.selectNow(action);
    }

    /** Something that may have left the selector with a step half done has failed. */
    public void doubt(long now) {
        if (!doubtful) {
            doubtful = true;
            renewAt = now;
            retryAfter = FIRST_RETRY_AFTER;
        }
    }

    /** Nanoseconds from {@code now} to when {@link #renewIfDoubtful} has something to do; the maximum when it has not. */
    public long nanosToRenewal(long now) {
        return doubtful ? Math.max(0, renewAt - now) : Long.MAX_VALUE;
    }

    /** Moves everything to a new selector, if this one is not to be trusted and it is time to. */
    public void renewIfDoubtful(Tenants tenants, long now) throws IOException {
        if (!doubtful || now - renewAt < 0) {
            return;
        }
        renewAt = now + retryAfter;
        retryAfter = Math.min(2 * retryAfter, LAST_RETRY_AFTER);
        memory.take();
        Selector fresh = sockets.openSelector();
        try {
            tenants.register(fresh);
        } catch (Throwable failure) {
            Closing.quietly(fresh);
            throw failure;
        }
        Selector old = current;
        current = fresh;
        tenants.moved(fresh);
        doubtful = false;
        retire(old);
    }

    public void close() {
        retire(current);
    }

    /**
     * Takes every key out before the selector is closed. Its own close is all or nothing: on JDK 17 it stops with a
     * NullPointerException at a key whose registration failed half way, and the channels of the others then keep their
     * descriptors. A select drops one such key each time it fails.
     */
    private static void retire(Selector old) {
        try {
            for (SelectionKey key : old.keys()) {
                key.cancel();
            }
        } catch (RuntimeException | Error exhausted) {
            // Then closing has to do it.
        }
        for (int i = 0; i < MOST_GHOSTS && !isFlushed(old); i++) {
            Thread.onSpinWait();
        }
        Closing.quietly(old);
    }

    private static boolean isFlushed(Selector old) {
        try {
            old.selectNow(key -> {});
            return true;
        } catch (IOException | RuntimeException | Error ghost) {
            return false;
        }
    }
}
