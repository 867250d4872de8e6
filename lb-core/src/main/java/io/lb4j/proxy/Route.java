package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;

/**
 * A backend to connect to, and how it is told what came of it. One object can serve many connections at a time.
 *
 * <p>Each time a {@link Router} returns it, an attempt begins. Then the calls come in this order, on one event loop:
 * {@link #connected} or {@link #connectFailed} or neither (the attempt was called off, or failed for want of something
 * on this machine), {@link #ended} after {@link #connected}, and last {@link #released}. They must not block.
 */
public interface Route {
    /** Where to connect. */
    Backend backend();

    /**
     * The attempt succeeded.
     *
     * @param nanos how long it took
     */
    default void connected(long nanos) {}

    /** The attempt failed, and the backend or the way to it is to blame. */
    default void connectFailed(Throwable cause) {}

    /**
     * A connection that had been made has ended. Followed by {@link #released}.
     *
     * @param reason why
     * @param firstToEnd who ended its stream first, or reset the connection while both streams were open; the balancer
     *     when it was neither side
     * @param bytesToBackend bytes of the client that the backend's socket accepted
     * @param bytesToClient bytes of the backend that the client's socket accepted
     */
    default void ended(CloseReason reason, Party firstToEnd, long bytesToBackend, long bytesToClient) {}

    /** The attempt failed or the connection ended: exactly once each time a router returned it. */
    default void released() {}
}
