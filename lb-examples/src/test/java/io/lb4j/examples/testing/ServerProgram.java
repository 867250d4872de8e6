package io.lb4j.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real server of this machine on a port of 127.0.0.1, which it has again when it is started again. */
final class ServerProgram {
    private final Path log;
    private final Predicate<String> isReady;
    private final IntFunction<List<String>> command;
    private int port;
    private Process process;

    private ServerProgram(Path log, Predicate<String> isReady, IntFunction<List<String>> command) {
        this.log = log;
        this.isReady = isReady;
        this.command = command;
    }

    /**
     * Starts it on one port after another until one is free.
     *
     * @param log where its output goes
     * @param isReady whether it can be connected to, by its output
     * @param command by port
     */
    static ServerProgram start(Path log, Predicate<String> isReady, IntFunction<List<String>> command) {
        ServerProgram program = new ServerProgram(log, isReady, command);
        try {
            do {
                program.port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            } while (!program.startAgain());
            return program;
        } catch (RuntimeException | AssertionError notAsItShouldBe) {
            program.end("KILL");
            throw notAsItShouldBe;
        }
    }

    /** Returns whether it runs; only somebody else on its port is a reason that it does not. */
    boolean startAgain() {
        try {
            process = new ProcessBuilder(command.apply(port))
                    .directory(new File("/"))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> !process.isAlive() || isReady.test(log()));
        if (!process.isAlive()) {
            assertThat(log()).containsIgnoringCase("address already in use");
        }
        return process.isAlive();
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed since it was started the last time. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** To it, and then to those that it has started. */
    void signalAll(String signal) {
        List<ProcessHandle> children = process.children().toList();
        signal(signal);
        children.forEach(child -> run(false, List.of("kill", "-" + signal, "" + child.pid())));
    }

    void signal(String signal) {
        run(true, List.of("kill", "-" + signal, "" + process.pid()));
    }

    /** Sends it a signal that ends it; returns when it has ended, and those that it has started as well. */
    void end(String signal) {
        if (process == null) {
            return;
        }
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        if (process.isAlive()) {
            signal(signal);
        }
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> all.stream().noneMatch(ServerProgram::isRunning));
    }

    /** One that has ended and that nobody asks for its status is there, and is a zombie. */
    private static boolean isRunning(ProcessHandle process) {
        try {
            return process.isAlive()
                    && !Files.readString(Path.of("/proc", "" + process.pid(), "stat"))
                            .contains(") Z ");
        } catch (IOException gone) {
            return false;
        }
    }

    /** A program's path, or a skipped test that says which one is missing. */
    static String require(String name, String... furtherFolders) {
        return Stream.concat(
                        Stream.of(furtherFolders),
                        Stream.of(System.getenv("PATH").split(":")))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseGet(() -> Assumptions.abort("skipped: the program '" + name + "' is not on this machine"));
    }

    /** Writes a file for a program, and returns it. */
    static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program to its end; returns what it printed, or null if it failed and need not succeed. */
    static String run(boolean must, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(new File("/"))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes());
            int status = process.waitFor();
            if (must) {
                assertThat(status)
                        .as("%s: %s", String.join(" ", command), output)
                        .isZero();
            }
            return status == 0 ? output.strip() : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A command as another user. Not by runuser, which stays in between. */
    static List<String> as(String user, List<String> command) {
        List<String> all = new ArrayList<>(List.of(require("setpriv")));
        all.addAll(List.of("--reuid=" + user, "--regid=" + user, "--clear-groups"));
        all.addAll(command);
        return all;
    }
}
