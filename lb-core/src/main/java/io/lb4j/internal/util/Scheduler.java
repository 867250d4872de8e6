package io.lb4j.internal.util;

/** Runs tasks on the control thread, one at a time, in the order of their times and then of their arrival. */
public interface Scheduler {
    /** Runs the task as soon as its turn comes; never, when the control thread has ended. */
    void execute(Runnable task);

    /** Runs the task so many nanoseconds from now; never, when the control thread has ended by then. */
    void later(Runnable task, long delayNanos);
}
