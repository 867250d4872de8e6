package io.lb4j.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real program that listens on a port of 127.0.0.1, can die and come back there. Closing it ends it. */
public final class RealServer implements AutoCloseable {
    /** How it is called. */
    @FunctionalInterface
    interface Arguments {
        List<String> on(int port) throws IOException;
    }

    private final String program;
    private final Predicate<String> isReady;
    private final Arguments arguments;
    private final Path log;
    private int port;
    private Process process;

    private RealServer(String program, Predicate<String> isReady, Arguments arguments, Path log) {
        this.program = program;
        this.isReady = isReady;
        this.arguments = arguments;
        this.log = log;
    }

    /**
     * Starts it on a free port; skips the test where the program is missing.
     *
     * @param folder for what it writes; must be there
     * @param isReady whether it listens, by what it has printed
     */
    static RealServer start(String program, Path folder, Predicate<String> isReady, Arguments arguments) {
        return start(new RealServer(find(program), isReady, arguments, log(program, folder)));
    }

    private static RealServer start(RealServer server) {
        try {
            do {
                server.port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            } while (!server.serve());
            return server;
        } catch (RuntimeException | AssertionError e) {
            server.kill();
            throw e;
        }
    }

    private static Path log(String program, Path folder) {
        try {
            return Files.createTempFile(folder, program, ".log");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A redis that keeps nothing on the disk, and whose replicas need not wait. */
    public static RealServer redis(Path folder) {
        return start("redis-server", folder, log -> log.contains("Ready to accept"), port -> {
            String[] network = {"--port", "" + port, "--bind", "127.0.0.1"};
            String[] data = {"--save", "", "--dir", folder.toString(), "--dbfilename", port + ".rdb"};
            String[] replicas = {"--repl-diskless-sync", "no", "--rdb-del-sync-files", "yes", "--shutdown-timeout", "0"
            };
            return Stream.of(network, data, replicas).flatMap(Stream::of).toList();
        });
    }

    /** A mosquitto that lets everybody in and keeps nothing on the disk. */
    public static RealServer mosquitto(Path folder) {
        return start("mosquitto", folder, log -> log.contains("running"), port -> {
            Path config = Files.writeString(folder.resolve("mosquitto-" + port + ".conf"), """
                    listener %d 127.0.0.1
                    allow_anonymous true
                    log_dest stderr
                    """.formatted(port));
            return List.of("-c", config.toString());
        });
    }

    private static String find(String name) {
        List<String> folders = Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
                .filter(folder -> Files.isExecutable(Path.of(folder, name)))
                .toList();
        Assumptions.assumeFalse(folders.isEmpty(), "skipped: the program '" + name + "' is not on this machine");
        return Path.of(folders.get(0), name).toString();
    }

    public int port() {
        return port;
    }

    /** Kills it, so that it has no time for anything, and returns when it is gone. */
    public void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts it on the port it had. */
    public void startAgain() {
        assertThat(serve()).as("port %s is still free", port).isTrue();
    }

    /** Whether it listens now; if not, somebody else has the port. */
    private boolean serve() {
        try {
            List<String> command = new ArrayList<>(List.of(program));
            command.addAll(arguments.on(port));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(30))
                .until(() -> !process.isAlive() || isReady.test(Files.readString(log)));
        if (!process.isAlive()) {
            assertThat(log).content().containsIgnoringCase("address already in use");
        }
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
