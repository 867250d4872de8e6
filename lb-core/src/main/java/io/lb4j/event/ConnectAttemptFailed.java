package io.lb4j.event;

import io.lb4j.backend.Backend;
import java.time.Duration;

/**
 * An attempt to connect to a backend failed. Another backend is tried, if there is one and attempts and time are left.
 *
 * @param id the connection's number
 * @param frontend the name of the frontend that the client connected to
 * @param backend the backend
 * @param attempt which attempt this was; 1 for the first
 * @param duration how long it took, all addresses of the backend together
 * @param kind what kind of failure it was
 * @param cause the exception
 */
public record ConnectAttemptFailed(
        long id,
        String frontend,
        Backend backend,
        int attempt,
        Duration duration,
        ConnectFailure kind,
        Throwable cause) {}
