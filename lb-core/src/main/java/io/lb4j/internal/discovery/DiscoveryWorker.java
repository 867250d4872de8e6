package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.internal.util.NoHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A discovery, its watch and the one thread on which both are called: the watch begins before the first question, so that
 * no change falls between the two, and is closed behind the last one.
 */
final class DiscoveryWorker {
    private final BackendDiscovery discovery;
    private final Runnable changed;
    private final ExecutorService thread;
    private volatile boolean watched;
    private volatile AutoCloseable watch = NoHandle.INSTANCE;
    private volatile @Nullable String refusal;
    private volatile @Nullable Thread closing;

    /**
     * Calls nothing yet.
     *
     * @param changed what the discovery tells of a change
     * @param thread makes one thread at a time
     */
    DiscoveryWorker(BackendDiscovery discovery, Runnable changed, ExecutorService thread) {
        this.discovery = discovery;
        this.changed = changed;
        this.thread = thread;
    }

    /** Throws when there is no thread for it. */
    void execute(DiscoveryCall call) {
        thread.execute(call);
    }

    /** Why it could not be watched when that was tried last; null when it could, or has not been tried. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /**
     * Takes no further call, interrupts the last one, and has the watch closed behind it. Does not wait.
     *
     * @param last the last call, running or not; null when there was none
     * @param notClosed is told why the watch is not closed, if it is not
     */
    void end(@Nullable DiscoveryCall last, Consumer<Throwable> notClosed) {
        if (last != null) {
            last.interrupt();
            if (watch != NoHandle.INSTANCE || !last.isBack()) {
                closeWatchBehind(notClosed);
            }
        }
        thread.shutdown();
    }

    private void closeWatchBehind(Consumer<Throwable> notClosed) {
        try {
            thread.execute(() -> closeWatch(notClosed));
        } catch (Throwable noThread) {
            notClosed.accept(noThread);
        }
    }

    /** Waits for the thread to end, at most this long, and interrupts a watch that is still being closed then. */
    void awaitEnd(@Nullable DiscoveryCall last, long nanos) throws InterruptedException {
        boolean isMe = closing == Thread.currentThread() || (last != null && last.isOnThisThread());
        if (!isMe && !thread.awaitTermination(nanos, TimeUnit.NANOSECONDS)) {
            Thread late = closing;
            if (late != null) {
                late.interrupt();
            }
        }
    }

    // ---- on that thread

    /** A discovery that cannot be watched is asked all the same, and watched the next time. */
    @Nullable
    List<Backend> ask() throws Exception {
        if (!watched) {
            beginToWatch();
        }
        return discovery.discover();
    }

    private void beginToWatch() throws InterruptedException {
        try {
            watch = Objects.requireNonNull(discovery.watch(changed), "watch: null (expected: what ends it)");
            watched = true;
            refusal = null;
        } catch (InterruptedException over) {
            throw over;
        } catch (Throwable failure) {
            refusal = OneLine.of(failure);
        }
    }

    private void closeWatch(Consumer<Throwable> notClosed) {
        closing = Thread.currentThread();
        try {
            watch.close();
        } catch (Throwable failure) {
            notClosed.accept(failure);
        } finally {
            closing = null;
        }
    }
}
