package io.lb4j.internal.health;

import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The health threads of one balancer, of which as few as possible are woken. Confined to the control thread, but for
 * {@link #result}, {@link #close} and what the threads run.
 */
final class SharedCheckThreads implements CheckThreads {
    /*
     * Waking a thread costs more than a quick check does. So checks that are due together are made by one thread, one
     * after another, and their results come back together. That must not let a slow one delay the others: as long as
     * checks wait, the control thread looks every STEP, takes what results there are, and sends one more thread, then
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
    private volatile boolean closed;

    // Confined to the control thread.
    private boolean stepping;
    private boolean stepLost;
    private int next = 1;
    private int limit = 1;

    SharedCheckThreads(ExecutorService threads, Scheduler control, RateLimitedLog log) {
        this.threads = threads;
        this.control = control;
        this.log = log;
    }

    @Override
    public void limit(int most) {
        limit = most;
    }

    @Override
    public Future<?> begin(Runnable check) {
        FutureTask<?> task = new FutureTask<>(check, null);
        waiting.add(task);
        try {
            if (out.get() == 0) {
                send();
            } else if (!stepping) {
                stepping = true;
                stepLater();
            }
        } catch (Throwable noThread) {
            waiting.remove(task);
            throw noThread;
        }
        return task;
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

    @Override
    public void result(Runnable result) {
        results.add(result);
        // While checks wait, the next step takes it or the last of them brings it along.
        if (waiting.isEmpty()) {
            control.execute(takeResults);
        }
    }

    @Override
    public void audit() {
        takeResults();
        // Nobody is out and nobody comes: the thread that was to make them has died of an error.
        boolean abandoned = !stepping && out.get() == 0 && !waiting.isEmpty();
        if (stepLost || abandoned) {
            step();
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
    }

    @Override
    public void awaitClosed(long nanos) throws InterruptedException {
        var unused = threads.awaitTermination(nanos, TimeUnit.NANOSECONDS);
    }

    private void step() {
        stepLost = false;
        // Asked before the results are taken: one that comes after that is brought by whoever took the last check.
        boolean allBegun = waiting.isEmpty();
        takeResults();
        if (allBegun || closed) {
            stepping = false;
            next = 1;
            return;
        }
        stepping = true;
        stepLater();
        // One for each check that waits, no more; and what was sent before may just be on its way.
        int most = Math.min(waiting.size(), limit - out.get());
        for (int i = 0; i < Math.min(next, most); i++) {
            send();
        }
        next = Math.min(2 * next, limit);
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
            threads.execute(this::makeChecks);
        } catch (Throwable noThread) {
            out.decrementAndGet();
            throw noThread;
        }
    }

    private void makeChecks() {
        do {
            try {
                makeWaiting();
            } finally {
                out.decrementAndGet();
            }
            // A check that came between the last look and this saw a thread that was leaving.
        } while (!closed && !waiting.isEmpty() && comeBack());
    }

    private void makeWaiting() {
        for (FutureTask<?> check = waiting.poll(); check != null && !closed; check = waiting.poll()) {
            check.run();
            // What was meant for this check must not hit the next one.
            var unused = Thread.interrupted();
        }
    }

    private boolean comeBack() {
        return out.compareAndSet(0, 1);
    }
}
