package io.lb4j.internal.util;

import java.util.Arrays;
import java.util.Collection;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The control thread of one balancer: runs tasks at given times, one after another, in the order of their times and
 * then of their arrival. Tasks may block; audits run between them. Scheduling is open to every thread; tasks run on the control thread only.
 */
public final class ControlLoop implements SteppedTask, Scheduler {
    private final Object lock = new Object();
    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private final LongSupplier nanoClock;
    private final RateLimitedLog log;
    private final Runnable allAudits = this::audit;
    private long arrivals;
    private boolean ended;
    private Runnable[] audits = {};
    private long nextAudit;

    public ControlLoop(LongSupplier nanoClock, RateLimitedLog log) {
        this.nanoClock = nanoClock;
        this.log = log;
    }

    @Override
    public void execute(Runnable task) {
        later(task, 0);
    }

    @Override
    public void later(Runnable task, long delayNanos) {
        synchronized (lock) {
            if (!ended) {
                queue.add(new Entry(task, nanoClock.getAsLong() + delayNanos, arrivals++));
                lock.notifyAll();
            }
        }
    }

    @Override
    public void audit(Runnable audit) {
        synchronized (lock) {
            if (audits.length == 0) {
                nextAudit = nanoClock.getAsLong() + AUDIT_INTERVAL;
            }
            Runnable[] more = Arrays.copyOf(audits, audits.length + 1);
            more[audits.length] = audit;
            audits = more;
            lock.notifyAll();
        }
    }

    /** Runs these audits no more, but for one that runs now. */
    void forget(Collection<Runnable> gone) {
        synchronized (lock) {
            audits = Arrays.stream(audits)
                    .filter(audit -> gone.stream().noneMatch(one -> one == audit))
                    .toArray(Runnable[]::new);
        }
    }

    /** No task begins after this returns, but for one that is running now. */
    public void end() {
        synchronized (lock) {
            ended = true;
            queue.clear();
            lock.notifyAll();
        }
    }

    @Override
    public boolean runOnce() {
        Runnable task;
        try {
            task = takeDue();
            while (task == allAudits) {
                task.run();
                task = takeDue();
            }
        } catch (Throwable failure) {
            log.warn("control thread", "failed", failure);
            return true;
        }
        if (task == null) {
            return false;
        }
        run("control task", task);
        return true;
    }

    private void run(String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            log.warn(what, "failed", failure);
        }
    }

    /** Runs the audits if it is time for them, and nothing else: for whoever runs the loop step by step. */
    public void auditIfDue() {
        try {
            boolean due;
            synchronized (lock) {
                due = takeAudit();
            }
            if (due) {
                audit();
            }
        } catch (Throwable failure) {
            log.warn("control thread", "failed", failure);
        }
    }

    private boolean takeAudit() {
        boolean due = nanosToAudit() <= 0;
        if (due) {
            nextAudit = nanoClock.getAsLong() + AUDIT_INTERVAL;
        }
        return due;
    }

    /** How long until the next audit, in nanoseconds; the maximum when there is none. */
    public long nanosToAudit() {
        synchronized (lock) {
            return ended || audits.length == 0 ? Long.MAX_VALUE : nextAudit - nanoClock.getAsLong();
        }
    }

    private void audit() {
        Runnable[] all;
        synchronized (lock) {
            all = audits;
        }
        for (Runnable each : all) {
            run("audit", each);
        }
    }

    /**
     * How long until the next task is due, audits aside, in nanoseconds; 0 or less when one is due; the maximum when
     * there is none.
     */
    public long nanosToNext() {
        synchronized (lock) {
            Entry first = queue.peek();
            return first == null ? Long.MAX_VALUE : first.at - nanoClock.getAsLong();
        }
    }

    /** Waits until a task is due, or the audits are, and takes it; null when the loop has ended. */
    private @Nullable Runnable takeDue() {
        synchronized (lock) {
            while (!ended) {
                // Before whatever is due: a queue that never gets empty must not keep it waiting.
                if (takeAudit()) {
                    return allAudits;
                }
                long nanos = nanosToNext();
                if (nanos <= 0) {
                    return queue.remove().task;
                }
                nanos = Math.min(nanos, nanosToAudit());
                try {
                    // Rounded up, so that a task due in less than a millisecond is not spun for; 0 waits for a notify.
                    lock.wait(nanos == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
                } catch (InterruptedException ignored) {
                    // Somebody else's interrupt: the flag is cleared, and the queue is looked at again.
                }
            }
            return null;
        }
    }

    private static final class Entry implements Comparable<Entry> {
        final Runnable task;
        final long at;
        final long arrival;

        Entry(Runnable task, long at, long arrival) {
            this.task = task;
            this.at = at;
            this.arrival = arrival;
        }

        @Override
        public int compareTo(Entry other) {
            return at != other.at ? Long.signum(at - other.at) : Long.signum(arrival - other.arrival);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
