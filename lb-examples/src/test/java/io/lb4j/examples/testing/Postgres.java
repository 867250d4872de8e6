package io.lb4j.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real PostgreSQL on a port of 127.0.0.1, with the data of a folder. Closing it ends it. */
public final class Postgres implements AutoCloseable {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private final Path programs;
    private final Path folder;
    private int port;

    private Postgres(Path programs, Path folder) {
        this.programs = programs;
        this.folder = folder;
    }

    /** Starts a new one in a folder that is there; skips the test where there is no PostgreSQL. */
    public static Postgres start(Path folder) {
        Postgres postgres = new Postgres(programs(), folder);
        command(true, "chown", "postgres", folder.toString());
        postgres.run(true, "initdb", "-A", "trust", "-N", "-D", postgres.data());
        do {
            postgres.port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
        } while (!postgres.startAgain());
        return postgres;
    }

    private static Path programs() {
        try (Stream<Path> versions = Files.isDirectory(VERSIONS) ? Files.list(VERSIONS) : Stream.empty()) {
            List<Path> found = versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("pg_ctl")))
                    .toList();
            Assumptions.assumeFalse(found.isEmpty(), "skipped: PostgreSQL is not on this machine");
            return found.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** Starts it on the port it had; returns whether it runs. */
    public boolean startAgain() {
        String options = "-p " + port + " -h 127.0.0.1 -k " + folder + " -c fsync=off";
        return run(
                false, "pg_ctl", "-w", "-D", data(), "-l", folder.resolve("log").toString(), "-o", options, "start");
    }

    /** Ends it in order: clients are told. */
    public void stop() {
        run(true, "pg_ctl", "-w", "-m", "fast", "-D", data(), "stop");
    }

    /** Ends it at once: clients see their connections end. */
    public void kill() {
        run(true, "pg_ctl", "-w", "-m", "immediate", "-D", data(), "stop");
    }

    /** Makes it hang: its kernel goes on accepting connections, and nobody answers. */
    public void suspend() {
        signal("STOP");
    }

    /** Lets it go on. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        ProcessHandle postmaster = postmaster();
        // First the one that starts the others.
        command(true, "kill", "-" + signal, "" + postmaster.pid());
        postmaster.children().forEach(child -> command(false, "kill", "-" + signal, "" + child.pid()));
    }

    private ProcessHandle postmaster() {
        try {
            String pid = Files.readAllLines(Path.of(data(), "postmaster.pid")).get(0);
            return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (Files.exists(Path.of(data(), "postmaster.pid"))) {
            resume();
            run(false, "pg_ctl", "-w", "-m", "immediate", "-D", data(), "stop");
        }
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private boolean run(boolean must, String program, String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "runuser", "-u", "postgres", "--", programs.resolve(program).toString()));
        all.addAll(List.of(arguments));
        return command(must, all.toArray(String[]::new));
    }

    /** Returns whether it succeeded. */
    private static boolean command(boolean must, String... command) {
        try {
            // A file, not a pipe: a server that stays would keep the pipe open.
            Path output = Files.createTempFile("command", ".txt");
            try {
                boolean succeeded = new ProcessBuilder(command)
                                .directory(new File("/"))
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start()
                                .waitFor()
                        == 0;
                if (must) {
                    assertThat(succeeded)
                            .as("%s: %s", String.join(" ", command), Files.readString(output))
                            .isTrue();
                }
                return succeeded;
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
