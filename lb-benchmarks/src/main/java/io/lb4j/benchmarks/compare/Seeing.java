package io.lb4j.benchmarks.compare;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.event.AccessLog;
import io.lb4j.event.BackendSelected;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionHalfClosed;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.slf4j.LoggerFactory;

/** Who looks on while lb4j is measured. */
enum Seeing {
    /** A listener that is told everything and adds up a little. */
    LISTENER {
        @Override
        void begin(LoadBalancerBuilder builder) {
            builder.listener(new Counting());
        }
    },

    /** The access log, readable, into a file through logback. */
    ACCESS_LOG {
        @Override
        void begin(LoadBalancerBuilder builder) throws IOException {
            builder.listener(AccessLog.to(fileLogger()));
        }
    },

    /** A recording of the flight recorder with its default configuration: the JVM's own events, and lb4j's. */
    JFR {
        @Override
        void begin(LoadBalancerBuilder builder) throws IOException {
            try {
                new Recording(Configuration.getConfiguration("default")).start();
            } catch (ParseException impossible) {
                throw new IOException(impossible);
            }
        }
    };

    abstract void begin(LoadBalancerBuilder builder) throws IOException;

    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Seeing of(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static Logger fileLogger() throws IOException {
        Path file = Files.createTempFile("access", ".log");
        file.toFile().deleteOnExit();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d %msg%n");
        encoder.start();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        appender.start();
        Logger logger = context.getLogger("access");
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(appender);
        return logger;
    }

    private static final class Counting implements LoadBalancerListener {
        private final LongAdder told = new LongAdder();
        private final LongAdder bytes = new LongAdder();

        @Override
        public void connectionAccepted(ConnectionAccepted event) {
            told.increment();
        }

        @Override
        public void backendSelected(BackendSelected event) {
            told.increment();
        }

        @Override
        public void connectionOpened(ConnectionOpened event) {
            told.increment();
        }

        @Override
        public void connectionHalfClosed(ConnectionHalfClosed event) {
            told.increment();
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            bytes.add(summary.bytesToClient() + summary.bytesToBackend());
        }
    }
}
