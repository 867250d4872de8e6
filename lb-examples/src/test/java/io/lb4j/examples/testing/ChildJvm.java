package io.lb4j.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A program in a JVM of its own, with what it prints. Closing it ends it at once, should it still run. */
public final class ChildJvm implements AutoCloseable {
    /** Long, because it is never waited for in vain. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Process process;
    private final Output stdout;
    private final Output stderr;

    private ChildJvm(Process process) {
        this.process = process;
        stdout = new Output(process.getInputStream());
        stderr = new Output(process.getErrorStream());
    }

    /** Starts a main class of this module, without its test classes. */
    public static ChildJvm main(Class<?> main, String... args) {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        return start(List.of(), List.of("-cp", classPath, main.getName()), args);
    }

    /** Starts a main class of this module, be it of its tests, in a network of {@link Networks}. */
    public static ChildJvm inNetwork(String network, Class<?> main, String... args) {
        return start(
                List.of("ip", "netns", "exec", network),
                List.of("-cp", System.getProperty("java.class.path"), main.getName()),
                args);
    }

    /** Starts an executable jar. */
    public static ChildJvm jar(String jar, String... args) {
        return start(List.of(), List.of("-jar", jar), args);
    }

    private static ChildJvm start(List<String> within, List<String> program, String... args) {
        List<String> command = new ArrayList<>(within);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"));
        command.addAll(program);
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        // The JVM says on stderr that it has read them, and stderr is looked at.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        try {
            return new ChildJvm(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGTERM. Not {@code Process.destroy()}, which also closes the streams that are still to be read. */
    public void terminate() {
        assertThat(process.toHandle().destroy()).as("signal was sent").isTrue();
    }

    /** SIGKILL. */
    public void kill() {
        assertThat(process.toHandle().destroyForcibly()).as("signal was sent").isTrue();
    }

    /** Whether {@link #terminate()} is a request here that a program can answer in its own way. */
    public boolean supportsTerminate() {
        return process.supportsNormalTermination();
    }

    /** Waits until stdout has a match of this expression. */
    public MatchResult awaitStdout(String regex) {
        return stdout.await(regex);
    }

    /** Waits until stderr has a match of this expression. */
    public MatchResult awaitStderr(String regex) {
        return stderr.await(regex);
    }

    /** Waits for the end. */
    public int exitCode() {
        try {
            assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .as(() -> "ended; stdout: " + stdout + ", stderr: " + stderr)
                    .isTrue();
            stdout.reader.join();
            stderr.reader.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<String> stdout() {
        return stdout.lines;
    }

    public List<String> stderr() {
        return stderr.lines;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The lines of one stream, read as they come. */
    private static final class Output {
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final Thread reader;

        Output(InputStream stream) {
            reader = new Thread(() -> read(stream), "child-output");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(InputStream stream) {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                in.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException childWasEnded) {
                // What was read counts.
            }
        }

        MatchResult await(String regex) {
            Pattern pattern = Pattern.compile(regex);
            return Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(
                            () -> pattern.matcher(toString())
                                    .results()
                                    .findFirst()
                                    .orElse(null),
                            Objects::nonNull);
        }

        @Override
        public String toString() {
            return String.join("\n", lines);
        }
    }
}
