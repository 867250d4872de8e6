package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.CheckInconclusiveException;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.ControlLoop;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * Runs the health checks of one balancer: decides on the control thread, checks on a bounded number of health threads.
 * {@link #start} and {@link #close} can be called from any thread.
 */
public final class HealthMonitor {
    /** Checks that run side by side. Threads are made when needed and end when idle. */
    private static final int MAX_THREADS = 64;

    /** Checks are spread by up to this part of the interval, so that balancers that started together drift apart. */
    private static final double JITTER = 0.05;

    private final Platform platform;
    private final HealthSink sink;
    private final ControlLoop control;
    private final Thread controlThread;
    private final ExecutorService healthThreads;
    private final List<BackendCheck> checks;

    public HealthMonitor(
            String name, HealthCheckPolicy policy, List<Backend> backends, HealthSink sink, Platform platform) {
        this.platform = platform;
        this.sink = sink;
        NamedLog log = new NamedLog(LoggerFactory.getLogger(HealthMonitor.class), name);
        control = new ControlLoop(platform.nanoClock(), new RateLimitedLog(log, platform.nanoClock()));
        controlThread = platform.thread("lb-" + name + "-control", control);
        healthThreads = platform.workers().pool("lb-" + name + "-health", MAX_THREADS);
        checks = backends.stream()
                .map(backend -> new BackendCheck(this, policy, backend))
                .toList();
    }

    /** Begins the first check of every backend, all at once. */
    public void start() {
        controlThread.start();
        checks.forEach(check -> control.execute(check::begin));
    }

    /** Begins no further check and interrupts those that run. Does not wait. */
    public void close() {
        control.end();
        healthThreads.shutdownNow();
    }

    /** Waits for the threads to end, at most this long; not at all on one of them. */
    public void awaitClosed(long nanos) throws InterruptedException {
        if (Thread.currentThread() == controlThread) {
            return;
        }
        long deadline = System.nanoTime() + nanos;
        healthThreads.awaitTermination(nanos, TimeUnit.NANOSECONDS);
        controlThread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
    }

    // ---- for the checks

    long now() {
        return platform.nanoClock().getAsLong();
    }

    /**
     * Whether a check failed for want of something on this machine, or was interrupted by a stranger. That no
     * descriptor is left is told by a message alone, and checkers wrap it; so a socket is opened to see.
     */
    boolean isInconclusive(Throwable failure) {
        if (failure instanceof CheckInconclusiveException
                || failure instanceof OutOfMemoryError
                || failure instanceof BindException
                || failure instanceof InterruptedException
                || failure instanceof ClosedByInterruptException
                || String.valueOf(failure.getMessage()).contains("Too many open files")) {
            return true;
        }
        try {
            platform.sockets().openSocketChannel().close();
            return false;
        } catch (IOException shortage) {
            return true;
        }
    }

    long jittered(long interval) {
        return interval + (long) (interval * JITTER * (2 * platform.random().nextDouble() - 1));
    }

    Future<?> onHealthThread(Runnable task) {
        return healthThreads.submit(task);
    }

    void onControlThread(Runnable task) {
        control.execute(task);
    }

    void later(Runnable task, long delayNanos) {
        control.schedule(task, delayNanos);
    }

    void report(Backend backend, BackendStatus status, String reason) {
        sink.checked(backend, status, reason);
    }
}
