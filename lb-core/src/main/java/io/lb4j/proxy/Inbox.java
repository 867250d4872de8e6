package io.lb4j.proxy;

import io.lb4j.internal.loop.LoopSelector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What others have for a loop, and how they wake it: tasks, and connections whose turn in the line has come. Filled by
 * any thread, emptied by the loop.
 */
final class Inbox {
    private final EventLoop loop;
    private final LoopSelector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Calls calls = new Calls();
    private final AtomicBoolean wakeupPending = new AtomicBoolean();

    /** The loop has ended, and has no connection: so what it would say anybody can. */
    private volatile boolean closed;

    Inbox(EventLoop loop, LoopSelector selector) {
        this.loop = loop;
        this.selector = selector;
    }

    // ---- open to every thread

    /** See {@link EventLoop#post}. */
    void post(Runnable task) {
        tasks.add(task);
        try {
            wakeUp();
        } catch (Throwable failure) {
            // It is in the queue, so it will be done; once more, so that it is done now.
            wakeUp();
        }
    }

    /** As {@link #post}, but never ignored: when the loop has ended it runs here, or where the loop ends. */
    void ask(Survey.Part part) {
        post(part);
        if (closed) {
            run(part);
        }
    }

    /** Calls one that is in the line; the caller wakes the loop. */
    void call(Wait called) {
        calls.add(called);
    }

    /** Ends a wait of the loop. Allocates nothing. */
    void wakeUp() {
        if (loop.isLoopThread() || !wakeupPending.compareAndSet(false, true)) {
            return;
        }
        try {
            selector.wakeUp();
        } catch (Throwable failure) {
            // The next one who has something for the loop tries again.
            wakeupPending.set(false);
            throw failure;
        }
    }

    // ---- for the loop

    boolean isEmpty() {
        return tasks.isEmpty() && calls.isEmpty();
    }

    /** Does what there is: first those that were called, then the tasks. */
    void empty() {
        // Before they are taken: who comes later wakes the next select.
        wakeupPending.set(false);
        goOn(calls.isEmpty() ? null : calls.takeAll());
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            run(task);
        }
    }

    private void goOn(@Nullable Wait first) {
        Wait called = first;
        while (called != null) {
            Wait next = called.calledBefore;
            try {
                called.goOnGuarded();
            } catch (Throwable exhausted) {
                // The others must be called all the same.
                loop.failure("line", exhausted);
            }
            called = next;
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            loop.failure("event loop task", failure);
        }
    }

    /** Answers whoever has asked; tasks are dropped. */
    void close() {
        // In this order: who asks after the last look at the queue sees that it is closed.
        closed = true;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            if (task instanceof Survey.Part part) {
                run(part);
            }
        }
    }
}
