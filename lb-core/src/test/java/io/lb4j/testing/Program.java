package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Assumptions;

/** A program of this machine, run by a test: its output is read line by line, and it ends with the test. */
public final class Program implements AutoCloseable {
    private final Process process;
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final Thread reader;

    private Program(Process process) {
        this.process = process;
        reader = new Thread(this::readLines, "test-program-output");
        reader.setDaemon(true);
        reader.start();
    }

    public static Program start(String... command) {
        try {
            return new Program(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A program that listens. */
    public record Server(Program program, int port) implements AutoCloseable {
        @Override
        public void close() {
            program.close();
        }
    }

    /**
     * A server that cannot be asked for a free port: started on one after another until one is free.
     *
     * @param start starts it on that port
     * @param isReady whether it listens there
     */
    public static Server startOnFreePort(IntFunction<Program> start, BiPredicate<Program, Integer> isReady) {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            Program program = start.apply(port);
            await().atMost(Duration.ofSeconds(30)).until(() -> !program.isAlive() || isReady.test(program, port));
            if (program.isAlive()) {
                return new Server(program, port);
            }
            program.close();
            assertThat(program.output()).containsIgnoringCase("address already in use");
        }
    }

    /** The same for a server that prints this when it listens. */
    public static Server startOnFreePort(String readyLine, IntFunction<Program> start) {
        return startOnFreePort(start, (program, port) -> program.output().contains(readyLine));
    }

    /** Runs a program to its end and returns what it printed; fails if it fails. It has nothing to read. */
    public static String run(String... command) {
        return runWith("", command);
    }

    /** The same with this for it to read. */
    public static String runWith(String input, String... command) {
        Outcome outcome = outcome(input, command);
        if (outcome.status() != 0) {
            throw new AssertionError(String.join(" ", command) + " failed: " + outcome.output());
        }
        return outcome.output();
    }

    /**
     * How a program has ended, and what it has printed.
     *
     * @param status its exit value
     */
    public record Outcome(int status, String output) {}

    /** Runs a program to its end, whatever end that is, with this for it to read. */
    public static Outcome outcome(String input, String... command) {
        try (Program program = start(command)) {
            program.feed(input);
            return program.outcome();
        }
    }

    /** Waits for its end. */
    public Outcome outcome() {
        try {
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                throw new AssertionError(process.info() + " does not end: " + output());
            }
            reader.join();
            return new Outcome(process.exitValue(), output());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Says this to a running program, which may hear more after it. */
    public void say(String text) {
        try {
            process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException hasEnded) {
            // Without having heard it: what it has printed says why.
        }
    }

    private void feed(String input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException hasEnded) {
            // Without having read it: its exit value says whether that is right.
        }
    }

    /** Where a program is, or a skipped test that says which one is missing. */
    public static String require(String name, String... furtherFolders) {
        List<String> folders = new ArrayList<>(Arrays.asList(furtherFolders));
        folders.addAll(Arrays.asList(System.getenv("PATH").split(":")));
        for (String folder : folders) {
            Path file = Path.of(folder, name);
            if (Files.isExecutable(file)) {
                return file.toString();
            }
        }
        Assumptions.abort("skipped: the program '" + name + "' is not on this machine");
        throw new AssertionError();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Process process() {
        return process;
    }

    /** What it has printed until now, standard error included. */
    public String output() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readLines() {
        try (BufferedReader output = process.inputReader()) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException closed) {
            // The program has ended.
        }
    }
}
