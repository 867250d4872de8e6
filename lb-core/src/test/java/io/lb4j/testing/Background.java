package io.lb4j.testing;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Blocking steps of a test that have to go on beside each other. Each has a daemon thread of its own. */
public final class Background {
    private Background() {}

    /** A step that may throw. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    public static CompletableFuture<Void> run(Step step) {
        return supply(() -> {
            step.run();
            return null;
        });
    }

    public static <T> CompletableFuture<T> supply(Callable<T> step) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(step.call());
                    } catch (Throwable failure) {
                        result.completeExceptionally(failure);
                    }
                },
                "test-background");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /**
     * Lets time pass where time itself is the subject: a slow reader, or a window in which nothing may happen. Never a
     * way to wait for something.
     */
    public static void pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
