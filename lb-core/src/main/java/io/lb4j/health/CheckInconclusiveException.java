package io.lb4j.health;

import java.io.IOException;

/**
 * A check could not find out whether the backend is healthy: this machine is out of descriptors or ports, say. Thrown
 * by a {@link HealthChecker}; the check then counts neither as passed nor as failed, and is made again soon.
 */
public final class CheckInconclusiveException extends IOException {
    private static final long serialVersionUID = 1;

    /** An inconclusive check, with the reason for people. */
    public CheckInconclusiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
