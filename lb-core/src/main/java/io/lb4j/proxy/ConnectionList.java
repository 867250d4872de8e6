package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import org.jspecify.annotations.Nullable;

/** The connections of one loop, linked through themselves, so that coming and going allocates nothing. Confined. */
final class ConnectionList {
    private @Nullable ProxyConnection first;

    boolean isEmpty() {
        return first == null;
    }

    void add(ProxyConnection connection) {
        connection.next = first;
        if (first != null) {
            first.previous = connection;
        }
        first = connection;
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
    }

    /** Resets them all. They leave the list when their sockets are closed. */
    void abortAll(CloseReason reason) {
        for (ProxyConnection connection = first; connection != null; connection = connection.next) {
            connection.abort(reason, null);
        }
    }
}
