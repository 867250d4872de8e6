package io.lb4j.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * A real redis or mosquitto on a port of 127.0.0.1, that can die and come back there. Closing it ends it. Skips the test
 * where the program is missing.
 */
public final class RealServer implements AutoCloseable {
    private final ServerProgram program;

    private RealServer(Path folder, String ready, IntFunction<List<String>> command) {
        try {
            Path log = Files.createTempFile(folder, "server", ".log");
            program = ServerProgram.start(log, output -> output.contains(ready), command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A redis that keeps nothing on the disk, and whose replicas need not wait. */
    public static RealServer redis(Path folder) {
        String redis = ServerProgram.require("redis-server");
        return new RealServer(folder, "Ready to accept", port -> {
            String[] network = {redis, "--port", "" + port, "--bind", "127.0.0.1"};
            String[] data = {"--save", "", "--dir", folder.toString(), "--dbfilename", port + ".rdb"};
            String[] replicas = {"--repl-diskless-sync", "no", "--rdb-del-sync-files", "yes", "--shutdown-timeout", "0"
            };
            return Stream.of(network, data, replicas).flatMap(Stream::of).toList();
        });
    }

    /** A mosquitto that lets everybody in and keeps nothing on the disk. */
    public static RealServer mosquitto(Path folder) {
        String mosquitto = ServerProgram.require("mosquitto", "/usr/sbin");
        return new RealServer(folder, "running", port -> {
            Path config = ServerProgram.write(folder.resolve("mosquitto-" + port + ".conf"), """
                    listener %d 127.0.0.1
                    allow_anonymous true
                    log_dest stderr
                    """.formatted(port));
            return List.of(mosquitto, "-c", config.toString());
        });
    }

    public int port() {
        return program.port();
    }

    /** Kills it, so that it has no time for anything, and returns when it is gone. */
    public void kill() {
        program.end("KILL");
    }

    /** Starts it on the port it had. */
    public void startAgain() {
        assertThat(program.startAgain()).as("port %s is still free", port()).isTrue();
    }

    @Override
    public void close() {
        program.end("TERM");
    }
}
