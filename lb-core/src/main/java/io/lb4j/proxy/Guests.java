package io.lb4j.proxy;

import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.internal.util.RateLimitedLog;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The only way from the engine into code that is not its own. Whatever a guest throws is caught, counted and logged
 * (at most once a second), and a guest that keeps its loop waiting is reported.
 */
final class Guests {
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(100);

    private final String name;
    private final Router router;
    private final @Nullable ConnectionListener listener;
    private final LongSupplier nanoClock;
    private final RateLimitedLog log;

    Guests(String name, Router router, @Nullable ConnectionListener listener, LongSupplier nanoClock) {
        this.name = name;
        this.router = router;
        this.listener = listener;
        this.nanoClock = nanoClock;
        log = new RateLimitedLog(ProxyContext.logger, nanoClock);
    }

    boolean wantSummaries() {
        return listener != null || ProxyContext.logger.isDebugEnabled();
    }

    /** The router's answer; null when it has none or throws. */
    @Nullable
    Route route(ProxyConnection connection, List<Route> failed) {
        long began = nanoClock.getAsLong();
        try {
            return router.next(connection, failed);
        } catch (Throwable failure) {
            failed(connection.loop(), "choosing a backend", failure);
            return null;
        } finally {
            reportIfSlow("choosing a backend", began);
        }
    }

    void opened(EventLoop loop, ConnectionOpened event) {
        if (listener == null) {
            return;
        }
        long began = nanoClock.getAsLong();
        try {
            listener.connectionOpened(event);
        } catch (Throwable failure) {
            failed(loop, "listener", failure);
        } finally {
            reportIfSlow("listener", began);
        }
    }

    void closed(EventLoop loop, ConnectionSummary summary) {
        if (listener == null) {
            return;
        }
        long began = nanoClock.getAsLong();
        try {
            listener.connectionClosed(summary);
        } catch (Throwable failure) {
            failed(loop, "listener", failure);
        } finally {
            reportIfSlow("listener", began);
        }
    }

    /** Runs a route's notification. */
    void tell(EventLoop loop, Runnable notification) {
        try {
            notification.run();
        } catch (Throwable failure) {
            failed(loop, "route", failure);
        }
    }

    private void failed(EventLoop loop, String guest, Throwable failure) {
        loop.counters().add(LoopCounters.GUEST_FAILURES, 1);
        log.warn(name, guest + " failed", failure);
    }

    private void reportIfSlow(String guest, long began) {
        long took = nanoClock.getAsLong() - began;
        if (took > SLOW) {
            log.warn(
                    name,
                    guest + " took " + TimeUnit.NANOSECONDS.toMillis(took)
                            + " ms on an event loop; its other connections waited",
                    null);
        }
    }
}
