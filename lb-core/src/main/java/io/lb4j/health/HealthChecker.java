package io.lb4j.health;

import io.lb4j.backend.Backend;
import java.nio.charset.StandardCharsets;
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

    /** {@link #sendExpect(byte[], byte[])} with the bytes of these texts in UTF-8; nothing is added, no line end. */
    static HealthChecker sendExpect(String send, String expected) {
        return sendExpect(send.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Healthy when the backend accepts a TCP connection, and the expected bytes occur anywhere in what it sends after
     * it got these. The check ends as soon as they do.
     *
     * <p>For protocols in which a short question has a short answer: {@code sendExpect("PING\r\n", "+PONG")} for
     * redis, {@code sendExpect("", "220 ")} for the greeting of a mail server. It finds a backend that accepts and does
     * not answer, one that answers that it cannot serve, and another program on the port. It does not find out more
     * than the answer says, and cannot answer what it is asked back.
     *
     * <p>At most 65,536 bytes are read; without a match in them the backend is not healthy. The connection is ended
     * with FIN, and for the backend's FIN it waits up to one second, and never longer than half of the time that is
     * left. A backend with an endless answer is reset.
     *
     * @param send what is sent, at most 65,536 bytes; empty to send nothing and read what comes by itself
     * @param expected what has to come, 1..65,536 bytes
     * @throws IllegalArgumentException when one of them is too long, or nothing is expected
     */
    static HealthChecker sendExpect(byte[] send, byte[] expected) {
        return new SendExpectHealthChecker(send, expected);
    }
}
