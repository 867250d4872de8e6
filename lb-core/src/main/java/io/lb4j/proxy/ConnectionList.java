package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.relay.ConnectionState;
import io.lb4j.stats.OpenConnection;
import java.io.IOException;
import java.nio.channels.Selector;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one loop, linked through themselves, so that coming and going allocates nothing. Confined. */
final class ConnectionList {
    private @Nullable ProxyConnection first;
    private int size;

    boolean isEmpty() {
        return first == null;
    }

    int size() {
        return size;
    }

    void add(ProxyConnection connection) {
        connection.next = first;
        if (first != null) {
            first.previous = connection;
        }
        first = connection;
        size++;
    }

    void remove(ProxyConnection connection) {
        if (connection.previous != null) {
            connection.previous.next = connection.next;
        } else {
            first = connection.next;
        }
        if (connection.next != null) {
            connection.next.previous = connection.previous;
        }
        connection.previous = null;
        connection.next = null;
        size--;
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            connection.register(fresh);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            connection.moved(fresh);
        }
    }

    /** Resets so many of those of a frontend, or of all. */
    void abortSome(int count, @Nullable Acceptors frontend, CloseReason reason) {
        int left = count;
        for (ProxyConnection connection = first; connection != null && left > 0; connection = connection.next) {
            boolean isOne = frontend == null || connection.ofFrontend() == frontend;
            if (isOne && connection.state() != ConnectionState.CLOSED) {
                connection.abort(reason, null);
                left--;
            }
        }
    }

    /** Resets them all. They leave the list when their sockets are closed. */
    void abortAll(CloseReason reason) {
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            connection.abort(reason, null);
        }
    }

    /** Has those that are being connected by a route try another one, if there is one. */
    void giveUpAttempts(Route route) {
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            connection.leaveAttempt(route, false);
        }
    }

    /** Adds those that have not ended. */
    void see(long now, Consumer<OpenConnection> seen) {
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            if (connection.state() != ConnectionState.CLOSED) {
                seen.accept(connection.seen(now));
            }
        }
    }

    /** Resets those of these numbers. Returns how many were here, and had not ended. */
    int abort(Set<Long> ids, CloseReason reason) {
        int reset = 0;
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            if (connection.state() != ConnectionState.CLOSED
                    && ids.contains(connection.story().id())) {
                connection.abort(reason, null);
                reset++;
            }
        }
        return reset;
    }

    /** Takes all connections off a route. Returns how many were reset. */
    int leave(Route route, CloseReason reason) {
        int reset = 0;
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            reset += connection.leave(route, reason) ? 1 : 0;
        }
        return reset;
    }
}
