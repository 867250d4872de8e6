package io.lb4j.internal.util;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after another on threads that it shares with others: what a pool with one thread does, without a thread of
 * its own. Thread-safe.
 */
public final class SerialExecutor extends AbstractExecutorService {
    private final Executor threads;

    // Guarded by the tasks.
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private boolean running;
    private boolean ended;

    /** @param threads runs each soon; throws when there is no thread for it */
    public SerialExecutor(Executor threads) {
        this.threads = threads;
    }

    /** What it is given after it was shut down is forgotten. */
    @Override
    public void execute(Runnable task) {
        synchronized (tasks) {
            if (ended) {
                return;
            }
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        try {
            threads.execute(this::runAll);
        } catch (Throwable noThread) {
            synchronized (tasks) {
                running = false;
                tasks.remove(task);
                tasks.notifyAll();
            }
            throw noThread;
        }
    }

    private void runAll() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (Throwable ofTheTask) {
                // As of a thread that dies of it: the next one runs.
            }
        }
    }

    private @Nullable Runnable next() {
        synchronized (tasks) {
            Runnable task = tasks.poll();
            if (task == null) {
                running = false;
                tasks.notifyAll();
            }
            return task;
        }
    }

    @Override
    public void shutdown() {
        synchronized (tasks) {
            ended = true;
            tasks.notifyAll();
        }
    }

    /** Interrupts nothing: the thread is others' too. */
    @Override
    public List<Runnable> shutdownNow() {
        synchronized (tasks) {
            List<Runnable> left = new ArrayList<>(tasks);
            tasks.clear();
            shutdown();
            return left;
        }
    }

    @Override
    public boolean isShutdown() {
        synchronized (tasks) {
            return ended;
        }
    }

    @Override
    public boolean isTerminated() {
        synchronized (tasks) {
            return ended && !running;
        }
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long deadline = System.nanoTime() + unit.toNanos(timeout);
        synchronized (tasks) {
            while (!isTerminated()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(tasks, left);
            }
            return true;
        }
    }
}
