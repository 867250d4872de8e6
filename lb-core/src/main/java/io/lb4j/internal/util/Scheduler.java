package io.lb4j.internal.util;

/** Runs tasks on the control thread, one at a time, in the order of their times and then of their arrival. */
public interface Scheduler {
    /** Runs the task as soon as its turn comes; never, when the control thread has ended. */
    void execute(Runnable task);

    /** Runs the task so many nanoseconds from now; never, when the control thread has ended by then. */
    void later(Runnable task, long delayNanos);

    /** The time from one audit to the next, in nanoseconds. */
    long AUDIT_INTERVAL = 1_000_000_000;

    /**
     * Has the control thread run this about every second for as long as it lives: outside of the queue, and without any
     * memory being needed for it. It looks for steps that were lost, because what should have led to them could not be
     * scheduled or handed over, and makes them. It must compare plain fields, no more, as long as nothing was lost. To be
     * called when the balancer is made, or a part of it.
     */
    void audit(Runnable audit);
}
