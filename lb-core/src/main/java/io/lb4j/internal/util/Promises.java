package io.lb4j.internal.util;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What users are handed of results to come. Each is completed on a short-lived thread of its own: what depends on it is
 * somebody else's code, and however long that takes, neither the library nor other users wait for it. Thread-safe.
 */
public final class Promises {
    /** While so many of them go on at a time, the next are completed by whoever has the result. */
    static final int MOST_THREADS = 32;

    private static final int MOST_TRIES = 1000;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final String threadName;
    private final Platform platform;
    private final Set<Promise<?>> beingKept = ConcurrentHashMap.newKeySet();

    public Promises(String name, Platform platform) {
        Preload.classes(Promise.class);
        threadName = Names.thread(name, "promise");
        this.platform = platform;
    }

    /** For a user, who can complete nobody's but his own. */
    public <T> CompletableFuture<T> of(CompletableFuture<T> result) {
        if (result.isDone()) {
            return result.copy();
        }
        Promise<T> promise = new Promise<>();
        var unused = result.whenComplete(promise);
        return promise;
    }

    /** Waits for those threads to end, until this time of {@link System#nanoTime}; not for the one it is called on. */
    public void awaitKept(long deadline) throws InterruptedException {
        for (Promise<?> promise : beingKept) {
            Thread thread = promise.thread;
            if (thread != null && thread != Thread.currentThread()) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            }
        }
    }

    /** Holds all it needs from the begin on, so that it is kept when the heap is exhausted. */
    private final class Promise<T> extends CompletableFuture<T> implements BiConsumer<T, Throwable>, Runnable {
        private @Nullable T value;
        private @Nullable Throwable failure;
        private volatile @Nullable Thread thread;

        /** Is told the result. */
        @Override
        public void accept(T result, @Nullable Throwable cause) {
            value = result;
            failure = cause;
            if (!runOnItsThread()) {
                run();
            }
        }

        private boolean runOnItsThread() {
            try {
                if (beingKept.size() >= MOST_THREADS) {
                    return false;
                }
                Thread own = platform.thread(threadName, this);
                thread = own;
                beingKept.add(this);
                own.start();
                return true;
            } catch (Throwable noThread) {
                return false;
            }
        }

        /** Keeps it, and keeps trying for a while when there is no memory for that. */
        @Override
        public void run() {
            for (int tries = 0; !isDone() && tries < MOST_TRIES; tries++) {
                try {
                    keep();
                } catch (Error exhausted) {
                    LockSupport.parkNanos(PAUSE);
                }
            }
            beingKept.remove(this);
        }

        private void keep() {
            if (failure == null) {
                complete(value);
            } else {
                completeExceptionally(
                        failure instanceof CompletionException ? failure : new CompletionException(failure));
            }
        }
    }
}
