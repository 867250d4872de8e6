package io.lb4j.proxy;

import io.lb4j.backend.Backend;

/**
 * A backend to connect to, and how it is told what came of it. One object can serve many connections at a time.
 *
 * <p>For each attempt the calls come in this order, on one event loop: {@link #connecting}, then {@link #connected} or
 * {@link #connectFailed} or neither (the attempt was called off, or failed for want of something on this machine), and
 * last {@link #released}. They must not block.
 */
public interface Route {
    /** Where to connect. */
    Backend backend();

    /** An attempt to connect begins. */
    default void connecting() {}

    /**
     * The attempt succeeded.
     *
     * @param nanos how long it took
     */
    default void connected(long nanos) {}

    /** The attempt failed, and the backend or the way to it is to blame. */
    default void connectFailed(Throwable cause) {}

    /**
     * The attempt failed or the connection ended: exactly once for each {@link #connecting}.
     *
     * @param bytesToBackend bytes of the client that the backend's socket accepted
     * @param bytesToClient bytes of the backend that the client's socket accepted
     */
    default void released(long bytesToBackend, long bytesToClient) {}
}
