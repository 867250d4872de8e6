package io.lb4j.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** While it is open, the library logs nothing, and each of its calls to the log is an {@link Exit#LOG}. */
final class FailingLog extends TurboFilter implements AutoCloseable {
    private static final boolean TRACE = Boolean.getBoolean("sim.trace");

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private Exits exits = new Exits(null);
    private @Nullable Throwable logged;

    FailingLog() {
        context.addTurboFilter(this);
        start();
    }

    /** Counts from now on. */
    Exits counted(Exits by) {
        exits = by;
        logged = null;
        return by;
    }

    /** The first exception that was logged since; null when none was. */
    @Nullable
    Throwable logged() {
        return logged;
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] params,
            @Nullable Throwable cause) {
        if (!logger.getName().startsWith("io.lb4j")) {
            return FilterReply.NEUTRAL;
        }
        exits.call(Exit.LOG);
        logged = logged == null ? cause : logged;
        if (TRACE && format != null) {
            System.out.println(level + " " + format + " " + Arrays.toString(params));
            if (cause != null) {
                cause.printStackTrace(System.out);
            }
        }
        return FilterReply.DENY;
    }

    @Override
    public void close() {
        context.getTurboFilterList().remove(this);
    }
}
