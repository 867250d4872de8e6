package io.lb4j.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the library logs while this is open. It goes nowhere else meanwhile. */
public final class LogCapture implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.lb4j");
    private final Level levelBefore = logger.getLevel();
    private final Appender appender = new Appender();

    private LogCapture(Level level) {
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
        logger.setLevel(level);
    }

    /** Captures INFO and above. */
    public static LogCapture open() {
        return new LogCapture(Level.INFO);
    }

    /** Lets the library log nothing, not even work out a message. */
    public static LogCapture silent() {
        return new LogCapture(Level.OFF);
    }

    /** From now on whoever logs gets this thrown at them. */
    public void failWith(Error failure) {
        appender.failure = failure;
    }

    /** Every message so far, formatted. */
    public List<String> messages() {
        return appender.events.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    /** The messages that contain this text. */
    public List<String> messages(String part) {
        return messages().stream().filter(message -> message.contains(part)).toList();
    }

    /** Those at level ERROR. */
    public List<String> errors() {
        return appender.events.stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
        logger.setLevel(levelBefore);
        appender.stop();
    }

    private static final class Appender extends AppenderBase<ILoggingEvent> {
        private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
        private volatile Error failure;

        @Override
        protected void append(ILoggingEvent event) {
            if (failure != null) {
                throw failure;
            }
            events.add(event);
        }
    }
}
