package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Telling;
import io.lb4j.internal.util.Watched;
import io.lb4j.preface.ProxyHeader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The only way from the engine into code that is not its own. Whatever a guest throws is caught, counted and logged
 * (at most once a second), and a guest that keeps its loop waiting is reported; by the watch, while it does.
 */
final class Guests {
    private static final long NO_TIME = Long.MIN_VALUE;
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(200);

    private final NamedLog log;
    private final Telling<ConnectionListener> listeners;
    private final LongSupplier nanoClock;
    private final RateLimitedLog warnings;

    Guests(String name, List<? extends ConnectionListener> listeners, LongSupplier nanoClock) {
        log = new NamedLog(LoggerFactory.getLogger(TcpProxy.class), name);
        this.listeners = new Telling<>(listeners);
        this.nanoClock = nanoClock;
        warnings = new RateLimitedLog(log, nanoClock);
    }

    NamedLog log() {
        return log;
    }

    void add(ConnectionListener listener) {
        if (!(listener instanceof Telling.OfBackends)) {
            listeners.add(listener);
        }
    }

    void remove(ConnectionListener listener) {
        listeners.remove(listener);
    }

    /** Whether events are wanted; nobody should make one otherwise. */
    boolean areListening() {
        return listeners.isWanted();
    }

    /**
     * The router's answer; null when it has none or throws.
     *
     * @param place its place in the router's line, if its turn has come there
     */
    @Nullable
    Route route(ProxyConnection connection, List<Route> failed, @Nullable PlaceInLine place) {
        long began = nanoClock.getAsLong();
        Route chosen = null;
        Watched watched = connection.loop().watched();
        Entrance entrance = connection.entrance();
        Router router = entrance.router();
        watched.enter(entrance.routerRole(), router);
        try {
            chosen = place == null ? router.next(connection.story(), failed) : place.next(connection.story());
        } catch (Throwable failure) {
            failed(connection.loop(), "choosing a backend", failure);
        }
        watched.leave();
        // Must not fail: the route has one connection more by now, which the caller is to own.
        reportIfSlow("choosing a backend", began);
        return chosen;
    }

    /** This header, with what a frontend adds to it; without it when that throws. */
    ProxyHeader tlv(EventLoop loop, ProxyTlvs.Part part, ProxyHeader header, ConnectionStory connection) {
        long began = clock();
        ProxyHeader whole = header;
        loop.watched().enter("TLV", part);
        try {
            whole = part.addTo(header, connection);
        } catch (Throwable failure) {
            failed(loop, "TLV", failure);
        }
        loop.watched().leave();
        reportIfSlow("TLV", began);
        return whole;
    }

    /** A place in the router's line; null when it has none or throws. */
    @Nullable
    PlaceInLine join(ProxyConnection connection, Waiter waiter) {
        EventLoop loop = connection.loop();
        Entrance entrance = connection.entrance();
        loop.watched().enter(entrance.routerRole(), entrance.router());
        try {
            return entrance.router().join(waiter);
        } catch (Throwable failure) {
            failed(loop, "router", failure);
            return null;
        } finally {
            loop.watched().leave();
        }
    }

    /** This place in the router's line is given up. */
    void leave(ProxyConnection connection, PlaceInLine place) {
        EventLoop loop = connection.loop();
        Entrance entrance = connection.entrance();
        loop.watched().enter(entrance.routerRole(), entrance.router());
        try {
            place.leave();
        } catch (Throwable failure) {
            failed(loop, "router", failure);
        }
        loop.watched().leave();
    }

    /** Tells every listener, one after another. */
    void tell(EventLoop loop, Consumer<ConnectionListener> call) {
        for (ConnectionListener listener : listeners.all()) {
            tell(loop, listener, call);
        }
    }

    private void tell(EventLoop loop, ConnectionListener listener, Consumer<ConnectionListener> call) {
        long began = clock();
        loop.watched().enter("listener", listener);
        try {
            call.accept(listener);
        } catch (Throwable failure) {
            failed(loop, "listener", failure);
        }
        loop.watched().leave();
        reportIfSlow("listener", began);
    }

    /** The time, or {@link #NO_TIME}: that it is not known is no reason not to tell. */
    private long clock() {
        try {
            return nanoClock.getAsLong();
        } catch (Throwable failure) {
            return NO_TIME;
        }
    }

    /** The attempt by this route succeeded. */
    void connected(EventLoop loop, Route route, long nanos) {
        loop.watched().enter("route", route);
        try {
            route.connected(nanos);
        } catch (Throwable failure) {
            failed(loop, "route", failure);
        }
        loop.watched().leave();
    }

    /** The attempt by this route failed. */
    void connectFailed(EventLoop loop, Route route, Throwable cause) {
        loop.watched().enter("route", route);
        try {
            route.connectFailed(cause);
        } catch (Throwable failure) {
            failed(loop, "route", failure);
        }
        loop.watched().leave();
    }

    /** A connection of this route has ended and is given back. */
    void ended(
            EventLoop loop,
            Route route,
            CloseReason reason,
            Party firstToEnd,
            long bytesToBackend,
            long bytesToClient) {
        loop.watched().enter("route", route);
        try {
            route.ended(reason, firstToEnd, bytesToBackend, bytesToClient);
        } catch (Throwable failure) {
            failed(loop, "route", failure);
        }
        loop.watched().leave();
        released(loop, route);
    }

    /** What a router returned is given back. */
    void released(EventLoop loop, Route route) {
        loop.watched().enter("route", route);
        try {
            route.released();
        } catch (Throwable failure) {
            failed(loop, "route", failure);
        }
        loop.watched().leave();
    }

    private void failed(EventLoop loop, String guest, Throwable failure) {
        loop.counters().add(LoopCounters.GUEST_FAILURES, 1);
        warnings.warn(guest, "failed", failure);
    }

    private void reportIfSlow(String guest, long began) {
        try {
            long took = nanoClock.getAsLong() - began;
            if (began != NO_TIME && took > SLOW) {
                warnings.warn(
                        guest,
                        "took " + TimeUnit.NANOSECONDS.toMillis(took)
                                + " ms; all connections of that event loop waited",
                        null);
            }
        } catch (Throwable exhausted) {
            // There is no other place to say so.
        }
    }
}
