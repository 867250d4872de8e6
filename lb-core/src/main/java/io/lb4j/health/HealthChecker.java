package io.lb4j.health;

import io.lb4j.backend.Backend;
import java.time.Duration;

/**
 * Finds out whether a backend can serve. Plain blocking Java: returning means healthy, throwing says why not.
 *
 * <p>Runs on a thread of its own, for different backends at the same time, so an implementation must be thread-safe;
 * never twice at once for one backend. The deadline is kept from outside: a check still running when its timeout ends
 * counts as failed and its thread is interrupted. A check that ignores the interrupt keeps its thread, and its backend
 * is not checked again, until it returns; its late result is dropped.
 */
@FunctionalInterface
public interface HealthChecker {
    /**
     * Checks one backend.
     *
     * @param backend the backend to check
     * @param timeout how long the check may take; longer than zero
     * @throws CheckInconclusiveException the check could not find out; it is made again soon, and the backend's status
     *     stays. An {@code OutOfMemoryError} counts the same
     * @throws Exception the backend is not healthy; the message is shown to people. Any other {@code Error} counts the
     *     same
     */
    void check(Backend backend, Duration timeout) throws Exception;

    /**
     * Healthy when the backend accepts a TCP connection. The connection is closed at once, with FIN. A host name is
     * looked up for each check, and healthy if the first of its addresses is.
     *
     * <p>It tells a dead backend from a living one, not one that serves from one that hangs: the kernel accepts for a
     * process that is stopped.
     */
    static HealthChecker tcpConnect() {
        return new TcpConnectHealthChecker();
    }
}
