package io.lb4j.examples.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real PostgreSQL on a port of 127.0.0.1, with the data of a folder. Closing it ends it. */
public final class Postgres implements AutoCloseable {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    /** Of a replica: "ready to accept read-only connections". */
    private static final String READY = "database system is ready to accept ";

    private final Path folder;
    private final ServerProgram program;

    private Postgres(Path folder, String... settings) {
        this.folder = folder;
        program = ServerProgram.start(
                folder.resolve("log"), output -> output.contains(READY), port -> command(port, settings));
    }

    /**
     * Starts a new one in a folder that is there; skips the test where there is no PostgreSQL.
     *
     * @param settings {@code name=value}
     */
    public static Postgres start(Path folder, String... settings) {
        String initdb = program("initdb");
        ServerProgram.run(true, List.of("chown", "postgres", folder.toString()));
        run(initdb, "-A", "trust", "-N", "-D", data(folder));
        return new Postgres(folder, settings);
    }

    /** Starts a replica of this one, which streams from it, in a folder that is there. */
    public Postgres startReplica(Path itsFolder) {
        ServerProgram.run(true, List.of("chown", "postgres", itsFolder.toString()));
        List<String> command = new ArrayList<>(List.of(program("pg_basebackup"), "-h", "127.0.0.1", "-p", "" + port()));
        // With what it takes to stream, and without waiting for the next checkpoint or a disk.
        command.addAll(List.of("-U", "postgres", "-R", "-c", "fast", "-N", "-D", data(itsFolder)));
        run(command.toArray(String[]::new));
        return new Postgres(itsFolder);
    }

    private List<String> command(int port, String... settings) {
        List<String> command = new ArrayList<>(List.of(program("postgres"), "-D", data(folder), "-p", "" + port));
        command.addAll(List.of("-h", "127.0.0.1", "-k", folder.toString(), "-c", "fsync=off"));
        command.addAll(List.of("-c", "shared_buffers=16MB", "-c", "log_connections=on"));
        for (String setting : settings) {
            command.addAll(List.of("-c", setting));
        }
        return ServerProgram.as("postgres", command);
    }

    /** Where one of its programs is; skips the test where there is no PostgreSQL. */
    public static String program(String name) {
        try (Stream<Path> versions = Files.isDirectory(VERSIONS) ? Files.list(VERSIONS) : Stream.empty()) {
            List<Path> found = versions.map(version -> version.resolve("bin").resolve(name))
                    .filter(Files::isExecutable)
                    .toList();
            Assumptions.assumeFalse(found.isEmpty(), "skipped: PostgreSQL is not on this machine");
            return found.get(0).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return program.port();
    }

    /** What it answers, one line for a row. */
    public String query(String query) {
        List<String> command = new ArrayList<>(List.of(program("psql"), "-h", folder.toString(), "-p", "" + port()));
        command.addAll(List.of("-U", "postgres", "-Atc", query));
        return ServerProgram.run(true, command);
    }

    /** What it has logged since it was started the last time: its connections, and what went wrong. */
    public String log() {
        return program.log();
    }

    /** Starts it on the port it had; returns whether it runs. */
    public boolean startAgain() {
        return program.startAgain();
    }

    /** Ends it in order: clients are told. */
    public void stop() {
        program.end("INT");
    }

    /** Ends it at once: clients see their connections end. */
    public void kill() {
        program.end("QUIT");
    }

    /** Its first process is killed, as by a machine that is out of memory; the others notice, and end. */
    public void crash() {
        // Whoever is stopped does not start one more while they are counted.
        program.signal("STOP");
        program.end("KILL");
    }

    /** Makes it hang: its kernel goes on accepting connections, and nobody answers. */
    public void suspend() {
        // First the one that starts the others.
        program.signalAll("STOP");
    }

    /** Lets it go on. */
    public void resume() {
        program.signalAll("CONT");
    }

    @Override
    public void close() {
        if (program.isAlive()) {
            resume();
            kill();
        }
    }

    private static String data(Path folder) {
        return folder.resolve("data").toString();
    }

    private static void run(String... command) {
        ServerProgram.run(true, ServerProgram.as("postgres", List.of(command)));
    }
}
