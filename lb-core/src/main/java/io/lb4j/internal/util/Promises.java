package io.lb4j.internal.util;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What users are handed of results to come. Each is completed on a short-lived thread of its own: what depends on it is
 * somebody else's code, and however long that takes, neither the library nor other users wait for it. Thread-safe.
 */
public final class Promises {
    /** While so many of them go on at a time, the next are completed by whoever has the result. */
    static final int MOST_THREADS = 32;

    /** Whoever has the result, and has others to serve, tries so often; then it is {@link #keepOwed owed}. */
    static final int MOST_TRIES = 1000;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONG_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final String threadName;
    private final Platform platform;
    private final Set<Promise<?>> beingKept = ConcurrentHashMap.newKeySet();

    /** Those for which there was no memory so far, linked through them. */
    private final AtomicReference<@Nullable Promise<?>> owed = new AtomicReference<>();

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
        // Not whenComplete, whose stage takes over a failure: that needs memory, and without it whoever else waits for
        // this result is not told (CompletableFuture.postComplete).
        var unused = result.handle(promise);
        return promise;
    }

    /** Waits for those threads to end, until this time of {@link System#nanoTime}; not for the one it is called on. */
    public void awaitKept(long deadline) throws InterruptedException {
        keepOwed();
        for (Promise<?> promise : beingKept) {
            Thread thread = promise.thread;
            if (thread != null && thread != Thread.currentThread()) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            }
        }
    }

    /** Keeps those for which there was no memory before; what there is none for now is kept another time. Needs none itself. */
    public void keepOwed() {
        Promise<?> next;
        for (Promise<?> promise = owed.getAndSet(null); promise != null; promise = next) {
            next = promise.nextOwed;
            promise.keepNowOrOwe(1);
        }
    }

    /** Holds all it needs from the begin on, so that it is kept when the heap is exhausted. */
    private final class Promise<T> extends CompletableFuture<T> implements BiFunction<T, Throwable, Void>, Runnable {
        private @Nullable T value;
        private @Nullable Throwable failure;
        private volatile @Nullable Thread thread;
        private @Nullable Promise<?> nextOwed;

        /** Is told the result. */
        @Override
        public @Nullable Void apply(T result, @Nullable Throwable cause) {
            value = result;
            failure = cause;
            if (!runOnItsThread()) {
                keepNowOrOwe(MOST_TRIES);
                beingKept.remove(this);
            }
            return null;
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

        /** On its own thread, which can wait for memory. */
        @Override
        public void run() {
            while (!isKeptWithin(MOST_TRIES)) {
                LockSupport.parkNanos(LONG_PAUSE);
            }
            beingKept.remove(this);
        }

        void keepNowOrOwe(int tries) {
            if (!isKeptWithin(tries)) {
                do {
                    nextOwed = owed.get();
                } while (!owed.compareAndSet(nextOwed, this));
            }
        }

        private boolean isKeptWithin(int tries) {
            for (int i = 0; !isDone() && i < tries; i++) {
                try {
                    keep();
                } catch (Error exhausted) {
                    LockSupport.parkNanos(PAUSE);
                }
            }
            return isDone();
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
