package io.lb4j.internal.util;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads on which guests may block, of which as few as possible are woken. Every method can be called from any thread;
 * results are taken on the control thread.
 */
public final class FewThreads {
    /*
     * Waking a thread costs more than a quick task does. So tasks that are due together are made by one thread, one
     * after another, and their results come back together. That must not let a slow one delay the others: as long as
     * tasks wait, the control thread looks every STEP, takes what results there are, and sends one more thread, then
     * two, four and so on.
     */
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(2);

    private final ExecutorService threads;
    private final Scheduler control;
    private final Queue<FutureTask<?>> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> results = new ConcurrentLinkedQueue<>();
    private final AtomicInteger out = new AtomicInteger();
    private final Runnable step = this::step;
    private final Runnable takeResults = this::takeResults;
    private final RateLimitedLog log;
    private final Object lock = new Object();
    private volatile boolean closed;

    // Guarded by the lock.
    private boolean stepping;
    private boolean stepLost;
    private int next = 1;
    private int limit;

    /** @param threads makes as many as there is work */
    public FewThreads(ExecutorService threads, Scheduler control, RateLimitedLog log) {
        this.threads = threads;
        this.control = control;
        this.log = log;
    }

    /** There are never more threads than the sum of these. */
    public void grow(int by) {
        synchronized (lock) {
            limit += by;
        }
    }

    /** Has the task made soon. Throws when it needs a thread for that and there is none. */
    public Future<?> begin(Runnable task) {
        FutureTask<?> future = new FutureTask<>(task, null);
        waiting.add(future);
        try {
            synchronized (lock) {
                if (out.get() == 0) {
                    send();
                } else if (!stepping) {
                    stepping = true;
                    stepLater();
                }
            }
        } catch (Throwable noThread) {
            waiting.remove(future);
            throw noThread;
        }
        return future;
    }

    private void stepLater() {
        stepLost = true;
        try {
            control.later(step, STEP);
        } catch (VirtualMachineError shortage) {
            // The audit steps.
            return;
        }
        stepLost = false;
    }

    /** On one of these threads: hands a result over to the control thread. */
    public void result(Runnable result) {
        results.add(result);
        // While tasks wait, the next step takes it or the last of them brings it along.
        if (waiting.isEmpty()) {
            control.execute(takeResults);
        }
    }

    /** On the control thread: makes the steps that were lost, because there was no memory to schedule them. */
    public void audit() {
        takeResults();
        boolean isLost;
        synchronized (lock) {
            // Nobody is out and nobody comes: the thread that was to make them has died of an error.
            boolean abandoned = !stepping && out.get() == 0 && !waiting.isEmpty();
            isLost = stepLost || abandoned;
        }
        if (isLost) {
            step();
        }
    }

    /** Interrupts what runs, and begins nothing more. Does not wait. */
    public void close() {
        closed = true;
        threads.shutdownNow();
    }

    /** To be given nothing more: what waits gets its threads now, and they end when it is done. Does not wait. */
    public void end() {
        try {
            synchronized (lock) {
                for (int i = waiting.size(); i > 0; i--) {
                    send();
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    /** Waits for the threads to end, at most this long. */
    public void awaitClosed(long nanos) throws InterruptedException {
        var unused = threads.awaitTermination(nanos, TimeUnit.NANOSECONDS);
    }

    private void step() {
        synchronized (lock) {
            stepLost = false;
        }
        // Asked before the results are taken: one that comes after that is brought by whoever took the last task.
        boolean allBegun = waiting.isEmpty();
        takeResults();
        synchronized (lock) {
            // Once more: whoever brings a task now has seen that there are steps.
            if (closed || (allBegun && waiting.isEmpty())) {
                stepping = false;
                next = 1;
                return;
            }
            stepping = true;
            stepLater();
            sendMore();
        }
    }

    private void sendMore() {
        // One for each task that waits, no more; and what was sent before may just be on its way.
        int most = Math.min(waiting.size(), limit - out.get());
        for (int i = 0; i < Math.min(next, most); i++) {
            send();
        }
        next = Math.min(2 * next, Math.max(1, limit));
    }

    private void takeResults() {
        for (Runnable result = results.poll(); result != null; result = results.poll()) {
            try {
                result.run();
            } catch (Throwable failure) {
                log.warn("what came of a health check", "failed", failure);
            }
        }
    }

    private void send() {
        out.incrementAndGet();
        try {
            threads.execute(this::makeTasks);
        } catch (Throwable noThread) {
            out.decrementAndGet();
            throw noThread;
        }
    }

    private void makeTasks() {
        do {
            try {
                makeWaiting();
            } finally {
                out.decrementAndGet();
            }
            // A task that came between the last look and this saw a thread that was leaving.
        } while (!closed && !waiting.isEmpty() && comeBack());
    }

    private void makeWaiting() {
        for (FutureTask<?> task = waiting.poll(); task != null && !closed; task = waiting.poll()) {
            task.run();
            // What was meant for this task must not hit the next one.
            var unused = Thread.interrupted();
        }
    }

    private boolean comeBack() {
        return out.compareAndSet(0, 1);
    }
}
