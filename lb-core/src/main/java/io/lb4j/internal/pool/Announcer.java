package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.internal.util.Telling;
import io.lb4j.internal.util.Watched;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Tells log and listeners of changes, on the control thread, in the order in which they were made. Every method can be
 * called from any thread.
 */
public final class Announcer {
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(200);

    private final String name;
    private final NamedLog log;
    private final RateLimitedLog guestLog;
    private final Telling<LoadBalancerListener> listeners;
    private final Scheduler control;
    private final LongSupplier nanoClock;
    private final Watched watched;
    private final AtomicInteger lost = new AtomicInteger();

    public Announcer(String name, List<LoadBalancerListener> listeners, Scheduler control, LongSupplier nanoClock) {
        this.name = name;
        log = new NamedLog(LoggerFactory.getLogger(BackendPool.class), name);
        guestLog = new RateLimitedLog(log, nanoClock);
        this.listeners = new Telling<>(listeners);
        this.control = control;
        this.nanoClock = nanoClock;
        watched = new Watched(log, "health checks, drains and events wait");
        // A lambda that is first made without memory fails for ever.
        saying("", false);
        telling(listener -> {});
    }

    /** The control thread, as the watch sees it. */
    public Watched watched() {
        return watched;
    }

    /** The balancer's. */
    String name() {
        return name;
    }

    public void add(LoadBalancerListener listener) {
        listeners.add(listener);
    }

    public void remove(LoadBalancerListener listener) {
        listeners.remove(listener);
    }

    /** Tells the listeners, if there are any by then. */
    public void tell(Consumer<LoadBalancerListener> call) {
        if (listeners.isWanted()) {
            queue(telling(call));
        }
    }

    /** What there is no memory to tell is not told: what it is about has happened, and what follows from it must. */
    private void queue(Runnable news) {
        try {
            control.execute(news);
        } catch (VirtualMachineError shortage) {
            lost.incrementAndGet();
        }
    }

    void statusChanged(BackendStatusChanged event, long up, int all) {
        Backend backend = event.backend();
        String line = in(backend.pool()) + "backend " + backend + " " + event.to() + " " + event.reason() + ", " + up
                + " of " + all + " up";
        queue(saying(line, up == 0 && event.from() == BackendStatus.UP));
        tell(listener -> listener.backendStatusChanged(event));
    }

    /** Without a line in the log: one of those it begins with. */
    void present(Backend backend) {
        tell(listener -> listener.backendAdded(backend));
    }

    void added(Backend backend) {
        info(in(backend.pool()) + "backend " + backend + " added");
        present(backend);
    }

    /** It is not in the list any more. */
    void removed(Backend backend) {
        info(in(backend.pool()) + "backend " + backend + " removed");
        tell(listener -> listener.backendRemoved(backend));
    }

    /** To listeners, whoever has another id is another one. */
    void renamed(Backend before, Backend after) {
        info(in(after.pool()) + "backend " + before + " is " + after.id() + " from now on");
        tell(listener -> listener.backendRemoved(before));
        present(after);
    }

    /** Logs this, behind what was told before. */
    public void info(String message) {
        queue(saying(message, false));
    }

    /** Logs this of a pool as a warning, behind what was told before. */
    void warn(String pool, String message) {
        queue(saying(in(pool) + message, true));
    }

    /** What a line begins with that is about a pool: nothing, where it is the default one. */
    public static String in(String pool) {
        return pool.equals(Backend.DEFAULT_POOL) ? "" : "pool " + pool + ": ";
    }

    private Runnable saying(String message, boolean isWarning) {
        return () -> {
            if (isWarning) {
                log.warn(message);
            } else {
                log.info(message);
            }
        };
    }

    private Runnable telling(Consumer<LoadBalancerListener> call) {
        return () -> tellAll(call);
    }

    private void tellAll(Consumer<LoadBalancerListener> call) {
        int untold = lost.getAndSet(0);
        if (untold > 0) {
            log.warn(untold + " events and lines were lost: there was no memory to keep them");
        }
        for (LoadBalancerListener listener : listeners.all()) {
            tell(listener, call);
        }
    }

    private void tell(LoadBalancerListener listener, Consumer<LoadBalancerListener> call) {
        Long began = clock();
        watched.enter("listener", listener);
        try {
            call.accept(listener);
        } catch (Throwable failure) {
            guestLog.warn("listener", "failed", failure);
        }
        watched.leave();
        Long ended = clock();
        if (began != null && ended != null && ended - began > SLOW) {
            String millis = TimeUnit.NANOSECONDS.toMillis(ended - began) + " ms";
            guestLog.warn("listener", "took " + millis + "; health checks waited", null);
        }
    }

    /** The time; null when it cannot be had, which is no reason not to tell. */
    private @Nullable Long clock() {
        try {
            return nanoClock.getAsLong();
        } catch (Throwable failure) {
            return null;
        }
    }
}
