package io.lb4j.examples.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A real HAProxy with one {@code listen} section, on a port of 127.0.0.1. Closing it ends it. */
public final class HaProxy implements AutoCloseable {
    private final ServerProgram program;

    private HaProxy(ServerProgram program) {
        this.program = program;
    }

    /**
     * Starts one, and returns when it has found one of its servers DOWN: it says nothing before. Skips the test where
     * there is no HAProxy.
     *
     * @param lines of the section, in the words of HAProxy's configuration manual
     */
    public static HaProxy start(Path folder, String... lines) {
        String haproxy = ServerProgram.require("haproxy", "/usr/sbin");
        Path file = folder.resolve("haproxy.cfg");
        ServerProgram program = ServerProgram.start(folder.resolve("haproxy.log"), " is DOWN", port -> {
            write(file, port, lines);
            return List.of(haproxy, "-db", "-f", file.toString());
        });
        return new HaProxy(program);
    }

    private static void write(Path file, int port, String... lines) {
        try {
            Files.writeString(file, """
                    global
                      noreuseport
                    defaults
                      mode tcp
                      timeout connect 1s
                      timeout check 1s
                      timeout client 10m
                      timeout server 10m
                    listen it
                      bind 127.0.0.1:%d
                      %s
                    """.formatted(port, String.join("\n  ", lines)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return program.port();
    }

    /** Waits until it has said so of one of its servers, for the so-manieth time: {@code UP} or {@code DOWN}. */
    public void awaitStatus(String server, String status, int times) {
        String line = "Server it/" + server + " is " + status;
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(30))
                .until(() -> program.log().split(line, -1).length > times);
    }

    @Override
    public void close() {
        program.end("TERM");
    }
}
