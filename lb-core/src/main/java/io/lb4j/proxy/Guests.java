package io.lb4j.proxy;

import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The only way from the engine into code that is not its own. Whatever a guest throws is caught, counted and logged
 * (at most once a second), and a guest that keeps its loop waiting is reported.
 */
final class Guests {
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(200);

    private final NamedLog log;
    private final Router router;
    private final @Nullable ConnectionListener listener;
    private final LongSupplier nanoClock;
    private final RateLimitedLog warnings;

    Guests(String name, Router router, @Nullable ConnectionListener listener, LongSupplier nanoClock) {
        log = new NamedLog(LoggerFactory.getLogger(TcpProxy.class), name);
        this.router = router;
        this.listener = listener;
        this.nanoClock = nanoClock;
        warnings = new RateLimitedLog(log, nanoClock);
    }

    NamedLog log() {
        return log;
    }

    boolean wantSummaries() {
        return listener != null || log.isDebugEnabled();
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

    /** A notification of a route. Takes its figures as arguments, so that telling allocates nothing. */
    @FunctionalInterface
    interface Notification {
        void to(Route route, long first, long second);
    }

    void tell(EventLoop loop, Route route, Notification notification, long first, long second) {
        try {
            notification.to(route, first, second);
        } catch (Throwable failure) {
            failed(loop, "route", failure);
        }
    }

    private void failed(EventLoop loop, String guest, Throwable failure) {
        loop.counters().add(LoopCounters.GUEST_FAILURES, 1);
        warnings.warn(guest, "failed", failure);
    }

    private void reportIfSlow(String guest, long began) {
        long took = nanoClock.getAsLong() - began;
        if (took > SLOW) {
            warnings.warn(
                    guest,
                    "took " + TimeUnit.NANOSECONDS.toMillis(took) + " ms; all connections of that event loop waited",
                    null);
        }
    }
}
