package io.lb4j.internal.health;

import io.lb4j.testing.ManualControl;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Health threads that run when the test says so, and one at a time, the test's own included. A check that hangs keeps
 * its thread until it is interrupted, or for good when it ignores that. For one thread.
 */
final class ManualCheckThreads implements CheckThreads {
    private final ManualControl control;
    private final ExecutorService real = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "manual-check-thread");
        thread.setDaemon(true);
        return thread;
    });
    private final ThreadLocal<Work> current = new ThreadLocal<>();
    private final Queue<Work> waiting = new ArrayDeque<>();
    private final Set<Work> hung = new LinkedHashSet<>();
    private int cancelled;
    private int most;
    private boolean ignoreInterrupts;
    private Runnable beforeBegin = () -> {};
    private Consumer<Runnable> deliver = Runnable::run;

    ManualCheckThreads(ManualControl control) {
        this.control = control;
    }

    void ignoreInterrupts() {
        ignoreInterrupts = true;
    }

    /** Runs this before a check gets its thread: what it throws is what is wrong with the threads. */
    void beforeBegin(Runnable before) {
        beforeBegin = before;
    }

    /** How results come back; by being run, if nothing else is said. */
    void deliverBy(Consumer<Runnable> delivery) {
        deliver = delivery;
    }

    /** By a checker: it does not come back. */
    void hang() throws InterruptedException {
        current.get().hang();
    }

    @Override
    public void limit(int most) {}

    @Override
    public Future<?> begin(Runnable check) {
        beforeBegin.run();
        Work work = new Work(check);
        waiting.add(work);
        most = Math.max(most, running());
        return work;
    }

    @Override
    public void result(Runnable result) {
        current.get().results.add(result);
    }

    int running() {
        return waiting.size() + hung.size();
    }

    /** The most that were running at a time. */
    int most() {
        return most;
    }

    int hung() {
        return hung.size();
    }

    int cancelled() {
        return cancelled;
    }

    /** Runs all that wait. Returns how many. */
    int runReady() {
        int count = 0;
        for (Work work = waiting.poll(); work != null; work = waiting.poll()) {
            count++;
            work.goOn();
            work.results.forEach(deliver);
            work.results.clear();
        }
        return count;
    }

    /** What hangs comes back. */
    void releaseHung() {
        for (Work work : new ArrayList<>(hung)) {
            work.goOn();
            work.results.forEach(deliver);
        }
    }

    @Override
    public void audit() {}

    @Override
    public void close() {
        new ArrayList<>(hung).forEach(Work::goOn);
        real.shutdown();
    }

    /** One check on its thread. */
    private final class Work extends CompletableFuture<Object> implements Runnable {
        final List<Runnable> results = new ArrayList<>();
        private final Runnable task;
        private final Semaphore turn = new Semaphore(0);
        private final Semaphore back = new Semaphore(0);
        private boolean begun;
        private boolean over;
        private boolean interrupted;

        Work(Runnable task) {
            this.task = task;
        }

        /** Lets it run until it hangs or ends. */
        void goOn() {
            if (begun) {
                turn.release();
            } else {
                begun = true;
                real.execute(this);
            }
            back.acquireUninterruptibly();
            if (over) {
                hung.remove(this);
            } else {
                hung.add(this);
            }
        }

        @Override
        public void run() {
            current.set(this);
            try {
                task.run();
            } finally {
                current.remove();
                over = true;
                back.release();
            }
        }

        void hang() throws InterruptedException {
            back.release();
            turn.acquireUninterruptibly();
            if (interrupted) {
                throw new InterruptedException();
            }
        }

        @Override
        public boolean cancel(boolean interrupt) {
            cancelled++;
            if (interrupt && !ignoreInterrupts && hung.contains(this)) {
                interrupted = true;
                goOn();
                results.forEach(result -> control.later(result, 0));
            }
            return true;
        }
    }
}
