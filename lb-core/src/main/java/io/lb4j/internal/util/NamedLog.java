package io.lb4j.internal.util;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A logger whose lines begin with the balancer's name, and that never throws: a logging back end is somebody else's
 * code, and what it does wrong must not end a connection or a loop. Thread-safe.
 */
public final class NamedLog {
    private final Logger logger;
    private final String name;

    public NamedLog(Logger logger, String name) {
        this.logger = logger;
        this.name = name;
    }

    public boolean isDebugEnabled() {
        try {
            return logger.isDebugEnabled();
        } catch (Throwable ignored) {
            return false;
        }
    }

    public void debug(String message, @Nullable Object detail) {
        try {
            logger.debug("{}: {} {}", name, message, detail);
        } catch (Throwable ignored) {
            // There is no other place to say so.
        }
    }

    /** With the stack trace. */
    public void debug(String message, Throwable cause) {
        try {
            logger.debug("{}: {}", name, message, cause);
        } catch (Throwable ignored) {
            // There is no other place to say so.
        }
    }

    public void info(String message) {
        try {
            logger.info("{}: {}", name, message);
        } catch (Throwable ignored) {
            // There is no other place to say so.
        }
    }

    public void warn(String message) {
        var unused = warn(message, null);
    }

    /** Returns whether the line was logged. */
    boolean warn(String message, @Nullable Throwable cause) {
        try {
            logger.warn("{}: {}", name, message, cause);
            return true;
        } catch (Throwable notLogged) {
            return false;
        }
    }
}
