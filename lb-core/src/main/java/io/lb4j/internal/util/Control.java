package io.lb4j.internal.util;

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
