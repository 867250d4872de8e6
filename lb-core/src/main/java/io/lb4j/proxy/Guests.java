package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Telling;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    private final Telling<ConnectionListener> listeners;
    private final LongSupplier nanoClock;
    private final RateLimitedLog warnings;

    Guests(String name, Router router, List<? extends ConnectionListener> listeners, LongSupplier nanoClock) {
        log = new NamedLog(LoggerFactory.getLogger(TcpProxy.class), name);
        this.router = router;
        this.listeners = new Telling<>(listeners);
        this.nanoClock = nanoClock;
        warnings = new RateLimitedLog(log, nanoClock);
    }

    NamedLog log() {
        return log;
    }

    void add(ConnectionListener listener) {
        listeners.add(listener);
    }

    void remove(ConnectionListener listener) {
        listeners.remove(listener);
    }

    /** Whether events are wanted; nobody should make one otherwise. */
    boolean areListening() {
        return listeners.isWanted();
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

    /** Tells every listener, one after another. */
    void tell(EventLoop loop, Consumer<ConnectionListener> call) {
        for (ConnectionListener listener : listeners.all()) {
            long began = nanoClock.getAsLong();
            try {
                call.accept(listener);
            } catch (Throwable failure) {
                failed(loop, "listener", failure);
            }
            reportIfSlow("listener", began);
        }
    }

    /** A connection of this route has ended and is given back. */
    void ended(EventLoop loop, Route route, CloseReason reason, long bytesToBackend, long bytesToClient) {
        try {
            route.ended(reason, bytesToBackend, bytesToClient);
        } catch (Throwable failure) {
            failed(loop, "route", failure);
        }
        tell(loop, route, (told, a, b) -> told.released(), 0, 0);
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
