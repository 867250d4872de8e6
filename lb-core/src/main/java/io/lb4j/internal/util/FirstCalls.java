package io.lb4j.internal.util;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Calls what the JDK links when it is first called, by a VarHandle: that needs memory, and without it these stop half way. A
 * future then forgets one of those who wait for it (CompletableFuture.postComplete), a queue loses what it was to hand out
 * (ConcurrentLinkedQueue.poll).
 */
final class FirstCalls {
    /** Of one who waits alone, or an item that is alone, other code is run than of the first of several. */
    private static final int SEVERAL = 3;

    private FirstCalls() {}

    static void make() {
        waitedFor().complete("");
        waitedFor().completeExceptionally(new IllegalStateException());
        use(new ConcurrentLinkedQueue<>());
        use(new AtomicReference<>());
        use(new AtomicBoolean());
        new FutureTask<>(() -> {}, null).run();
        new FutureTask<>(() -> {}, null).cancel(true);
    }

    private static CompletableFuture<String> waitedFor() {
        CompletableFuture<String> result = new CompletableFuture<>();
        for (int i = 0; i < SEVERAL; i++) {
            CompletableFuture<String> next = result.handle((value, failure) -> "");
            for (int j = 0; j < SEVERAL; j++) {
                var unused = next.thenAccept(value -> {});
            }
        }
        return result;
    }

    private static void use(Queue<Object> queue) {
        for (int i = 0; i < SEVERAL; i++) {
            queue.add(i);
        }
        queue.remove(1);
        while (!queue.isEmpty()) {
            queue.poll();
        }
    }

    private static void use(AtomicReference<@Nullable Object> reference) {
        reference.compareAndSet(null, reference);
        reference.getAndSet(null);
    }

    private static void use(AtomicBoolean flag) {
        flag.compareAndSet(false, true);
        flag.getAndSet(false);
    }
}
