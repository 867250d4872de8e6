package io.lb4j.event;

/**
 * Is told of connections.
 *
 * <p>Every call comes on the event loop that serves the connection, in the order in which things happened to it;
 * several loops call at the same time. A listener must not block: while it runs, no other connection of that loop moves
 * a byte. What it throws is logged (at most once a second) and has no other effect; a call that takes long is reported
 * in the log. It may call every method of the balancer, {@code close()} included.
 */
public interface ConnectionListener {
    /** A connection has its backend. Followed by exactly one {@link #connectionClosed} of the same id. */
    default void connectionOpened(ConnectionOpened event) {}

    /**
     * A connection has ended: once for each accepted connection, also for those that never got a backend. Its sockets
     * are closed before the loop waits again.
     */
    default void connectionClosed(ConnectionSummary summary) {}
}
