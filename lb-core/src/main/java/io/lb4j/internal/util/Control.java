package io.lb4j.internal.util;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** The control thread of one balancer and its queue. Every method can be called from any thread. */
public final class Control implements Scheduler {
    private final ControlLoop loop;
    private final Thread thread;

    public Control(String name, Platform platform) {
        NamedLog log = new NamedLog(LoggerFactory.getLogger(Control.class), name);
        loop = new ControlLoop(platform.nanoClock(), new RateLimitedLog(log, platform.nanoClock()));
        thread = platform.thread(Names.thread(name, "control"), loop);
    }

    public void start() {
        thread.start();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public void later(Runnable task, long delayNanos) {
        loop.later(task, delayNanos);
    }

    @Override
    public void audit(Runnable audit) {
        loop.audit(audit);
    }

    /** The same thread, for a part of the balancer that may end before it does. */
    public Part part() {
        return new Part();
    }

    /** The control thread as a part of the balancer has it: what audits it has end with it. */
    public final class Part implements Scheduler {
        private final List<Runnable> audits = new CopyOnWriteArrayList<>();

        private Part() {}

        @Override
        public void execute(Runnable task) {
            loop.execute(task);
        }

        @Override
        public void later(Runnable task, long delayNanos) {
            loop.later(task, delayNanos);
        }

        @Override
        public void audit(Runnable audit) {
            audits.add(audit);
            loop.audit(audit);
        }

        /** Runs its audits no more. */
        public void end() {
            loop.forget(audits);
        }
    }

    /** Begins no further task. Does not wait. */
    public void end() {
        loop.end();
    }

    /** Waits for the thread to end, at most this long; not at all on that thread. */
    public void awaitEnd(long nanos) throws InterruptedException {
        if (Thread.currentThread() != thread && thread.isAlive()) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
        }
    }

    public boolean isControlThread() {
        return Thread.currentThread() == thread;
    }
}
