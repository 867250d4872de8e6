package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * A Java program of the tests in a process of its own, for what cannot be done to the process of the tests: too few
 * descriptors, too little memory, its end. It answers each line on its input with one line on its output.
 */
public final class ChildJvm implements AutoCloseable {
    private final Process process;
    private final BlockingQueue<String> output = new LinkedBlockingQueue<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();

    private ChildJvm(Process process) {
        this.process = process;
        Background.run(() -> readLines(process.inputReader(StandardCharsets.UTF_8), output::add));
        Background.run(() -> readLines(process.errorReader(StandardCharsets.UTF_8), errors::add));
    }

    /** How to start the child. */
    public static final class Settings {
        private final Class<?> program;
        private final List<String> options = new ArrayList<>();
        private String classPath = System.getProperty("java.class.path");
        private int descriptors;
        private boolean ownNetwork;
        private List<String> transport = TransportOfThisRun.jvmOptions();

        private Settings(Class<?> program) {
            this.program = program;
        }

        /** The process has this many descriptors. */
        public Settings descriptors(int descriptors) {
            this.descriptors = descriptors;
            return this;
        }

        /** The process has a network of its own, of which it may change everything. */
        public Settings ownNetwork() {
            ownNetwork = true;
            return this;
        }

        /** It is told nothing of the transport that the tests run with, and granted nothing. */
        public Settings withoutTransport() {
            transport = List.of();
            return this;
        }

        /** An option of the JVM. */
        public Settings option(String option) {
            options.add(option);
            return this;
        }

        /** The directory or jar that {@code type} comes from is replaced by a jar made of it in this directory. */
        public Settings asJar(Class<?> type, Path directory) {
            Path classes = sourceOf(type);
            if (Files.isDirectory(classes)) {
                Path jar = jarOf(classes, directory.resolve("classes.jar"));
                List<String> entries = new ArrayList<>(List.of(classPath.split(File.pathSeparator)));
                entries.replaceAll(entry -> Path.of(entry).toAbsolutePath().equals(classes) ? jar.toString() : entry);
                assertThat(entries).contains(jar.toString());
                classPath = String.join(File.pathSeparator, entries);
            }
            return this;
        }

        public ChildJvm start(Object... arguments) {
            List<String> command = new ArrayList<>();
            if (descriptors > 0) {
                command.addAll(List.of("sh", "-c", "ulimit -n " + descriptors + "; exec \"$@\"", "sh"));
            }
            if (ownNetwork) {
                command.addAll(List.of("unshare", "--map-root-user", "--net"));
            }
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
            command.addAll(transport);
            command.addAll(options);
            command.addAll(List.of("-cp", classPath, program.getName()));
            Stream.of(arguments).map(Object::toString).forEach(command::add);
            try {
                return new ChildJvm(new ProcessBuilder(command).start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public static Settings running(Class<?> program) {
        return new Settings(program);
    }

    /** Sends a command and returns the line that answers it. */
    public String ask(String command) {
        tell(command);
        return line();
    }

    /** Sends a line. */
    public void tell(String command) {
        try {
            OutputStream input = process.getOutputStream();
            input.write((command + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("child has ended; it said: " + errors, e);
        }
    }

    /** The next line it prints; waits for it. */
    public String line() {
        try {
            String line = output.poll(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(line).as("a line of the child, which said: %s", errors).isNotNull();
            return line;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What it printed on its error output, which is where it logs. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    /** Its process number. */
    public long pid() {
        return process.pid();
    }

    /** The processor time it has used. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Waits for its end and returns its exit code. */
    public int exitCode() {
        try {
            assertThat(process.waitFor(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                    .as("child has ended")
                    .isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks it to end, as a service manager does: shutdown hooks run. */
    public void terminate() {
        // Not Process.destroy, which also closes our ends of the pipes.
        process.toHandle().destroy();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static Path sourceOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Path jarOf(Path classes, Path jar) {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, out);
                out.closeEntry();
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readLines(BufferedReader reader, Consumer<String> lines) throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines.accept(line);
        }
    }
}
