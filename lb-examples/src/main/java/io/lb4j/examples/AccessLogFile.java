package io.lb4j.examples;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import io.lb4j.LoadBalancer;
import io.lb4j.event.AccessLog;
import io.lb4j.event.AsyncListener;
import io.lb4j.event.LoadBalancerListener;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line for each connection, in a file of its own that logback rolls over: {@code access-log.xml} beside this program,
 * which you would have in your {@code logback.xml}. A disk that is slow makes the log late, and no connection: the lines
 * go through a queue, and one that is full loses lines, which are counted.
 */
public final class AccessLogFile {
    private AccessLogFile() {}

    public static void main(String[] args) throws Exception {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException, JoranException, InterruptedException {
        Path file = Files.createTempFile("access", ".log");
        Logger access = loggerTo(file);
        // One thread: it writes the lines in the order in which the connections ended.
        ExecutorService writer = Executors.newSingleThreadExecutor();
        AsyncListener log = LoadBalancerListener.async(AccessLog.to(access), writer);
        try (EmbeddedBackend backend = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", backend.port())
                        .listener(log)
                        .start()) {
            for (int i = 0; i < 3; i++) {
                Http.get(lb.port());
            }
            lb.drain(Duration.ofSeconds(10)).join();
        }
        // After the balancer, so that the ends of its last connections are among what is written.
        writer.shutdown();
        writer.awaitTermination(10, TimeUnit.SECONDS);
        Files.readAllLines(file).forEach(out::println);
        out.println("Lines that were lost: " + log.dropped());
        detach(access);
        Files.delete(file);
    }

    private static Logger loggerTo(Path file) throws JoranException {
        LoggerContext logback = (LoggerContext) LoggerFactory.getILoggerFactory();
        logback.putProperty("access.log", file.toString());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(logback);
        configurator.doConfigure(AccessLogFile.class.getResource("/access-log.xml"));
        return LoggerFactory.getLogger("access");
    }

    private static void detach(Logger access) {
        ((ch.qos.logback.classic.Logger) access).detachAndStopAllAppenders();
    }
}
