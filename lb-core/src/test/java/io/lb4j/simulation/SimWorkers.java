package io.lb4j.simulation;

import io.lb4j.internal.util.Platform.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Pools for work that blocks, in virtual time. Each piece of work has a real thread, but only one of all threads runs at
 * a time, the simulation's own included: it is handed the turn by an event and hands it back when it sleeps or ends.
 */
final class SimWorkers implements Workers {
    private final Timeline timeline;
    private final Exits exits;
    private int running;

    SimWorkers(Timeline timeline, Exits exits) {
        this.timeline = timeline;
        this.exits = exits;
    }

    @Override
    public ExecutorService pool(String name, int most) {
        exits.call(Exit.NEW_POOL);
        return new Pool(most != UNBOUNDED);
    }

    /** Called by work of a pool: lets virtual time pass. An interrupt ends it early. */
    static void sleep(long nanos) throws InterruptedException {
        ((Worker) Thread.currentThread()).sleepVirtually(nanos);
    }

    /** Pieces of work that have begun and not ended. */
    int running() {
        return running;
    }

    private final class Pool extends AbstractExecutorService {
        private final List<Worker> workers = new ArrayList<>();
        private final boolean bounded;
        private boolean closed;

        Pool(boolean bounded) {
            this.bounded = bounded;
        }

        @Override
        public void execute(Runnable task) {
            exits.call(Exit.EXECUTE);
            if (!closed) {
                Worker worker = new Worker(task, this);
                workers.add(worker);
                timeline.after(timeline.moment(), worker::takeTurn);
            }
            if (bounded) {
                // It queues the work, and then there may be no thread for it yet.
                exits.call(Exit.EXECUTE_DONE);
            }
        }

        @Override
        public void shutdown() {
            closed = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            closed = true;
            List.copyOf(workers).forEach(Worker::interrupt);
            exits.call(Exit.SHUTDOWN_POOL);
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return closed;
        }

        @Override
        public boolean isTerminated() {
            return closed && workers.isEmpty();
        }

        /** The simulation's thread waits for nobody. */
        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return isTerminated();
        }
    }

    private final class Worker extends Thread {
        private final Runnable task;
        private final Pool pool;
        private final Semaphore turn = new Semaphore(0);
        private final Semaphore back = new Semaphore(0);
        private boolean begun;
        private boolean over;
        private boolean interrupted;
        private long sleepNumber;

        Worker(Runnable task, Pool pool) {
            this.task = task;
            this.pool = pool;
            setDaemon(true);
            setName("sim-worker");
        }

        /** On the simulation's thread: lets the work go on until it sleeps or ends. */
        private void takeTurn() {
            if (over) {
                return;
            }
            if (!begun) {
                begun = true;
                running++;
                start();
            }
            turn.release();
            back.acquireUninterruptibly();
            if (over) {
                running--;
                pool.workers.remove(this);
            }
        }

        @Override
        public void run() {
            turn.acquireUninterruptibly();
            try {
                task.run();
            } catch (Error death) {
                // A pool makes another thread when it needs one.
                if (!exits.isCauseOf(death)) {
                    throw death;
                }
            } finally {
                over = true;
                back.release();
            }
        }

        private void sleepVirtually(long nanos) throws InterruptedException {
            long number = ++sleepNumber;
            timeline.after(nanos, () -> {
                if (number == sleepNumber) {
                    takeTurn();
                }
            });
            if (!interrupted) {
                back.release();
                turn.acquireUninterruptibly();
            }
            sleepNumber++;
            if (interrupted) {
                interrupted = false;
                throw new InterruptedException();
            }
        }

        /** The work notices in virtual time, when it sleeps. */
        @Override
        public void interrupt() {
            interrupted = true;
            long number = sleepNumber;
            timeline.after(timeline.moment(), () -> {
                if (begun && !over && interrupted && number == sleepNumber) {
                    takeTurn();
                }
            });
        }
    }
}
