package io.lb4j.event;

/**
 * Is told of connections. All methods do nothing unless overridden.
 *
 * <p>For one connection the calls come in this order:
 *
 * <pre>
 * connectionAccepted
 *   (backendSelected  connectAttemptFailed?)*       one pair for each attempt but the last, which may succeed
 *   connectionOpened  connectionHalfClosed?         when an attempt succeeded
 *   connectionRefused                               when there was no backend to try
 * connectionClosed                                  always, once, last
 * </pre>
 *
 * <p>Every call comes on the event loop that serves the connection, as things happen; several loops call at the same
 * time. A listener must not block: while it runs, no other connection of that loop moves a byte. What is slow belongs
 * behind {@link LoadBalancerListener#async}. What it throws is logged (at most once a second) and has no other effect; a
 * call that takes long is reported in the log. It may call every method of the balancer, {@code close()} included. One
 * that is added while the balancer runs hears the rest of the stories it comes into.
 */
public interface ConnectionListener {
    /** A client's connection was accepted. Followed by exactly one {@link #connectionClosed} of the same id. */
    default void connectionAccepted(ConnectionAccepted event) {}

    /** An attempt to connect to a backend begins. */
    default void backendSelected(BackendSelected event) {}

    /** An attempt to connect to a backend failed, there or for want of something on this machine. */
    default void connectAttemptFailed(ConnectAttemptFailed event) {}

    /** A connection has its backend. */
    default void connectionOpened(ConnectionOpened event) {}

    /** One side has ended its stream. Not called when the other ends its own in the same moment. */
    default void connectionHalfClosed(ConnectionHalfClosed event) {}

    /** A client was turned away before a backend was tried. */
    default void connectionRefused(ConnectionRefused event) {}

    /**
     * A connection has ended: once for each accepted connection, also for those that never got a backend. Its sockets
     * are closed.
     */
    default void connectionClosed(ConnectionSummary summary) {}

    /** An event loop accepts no connections for the moment; each loop pauses by itself. */
    default void acceptPaused(AcceptPaused event) {}

    /** An event loop that had paused accepts again. */
    default void acceptResumed() {}

    /** No connection is accepted any more, and the port is free. Called once, at the end. */
    default void listeningEnded() {}
}
