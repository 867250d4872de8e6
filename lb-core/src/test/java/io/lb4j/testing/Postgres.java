package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real PostgreSQL with the data of a folder. */
public final class Postgres {
    private static final String PROGRAMS = "/usr/lib/postgresql/15/bin";

    private final Path folder;

    private Postgres(Path folder) {
        this.folder = folder;
    }

    /** A database that holds nothing yet, in a folder that holds nothing either; skips the test where there is none. */
    public static Postgres in(Path folder) {
        Postgres postgres = new Postgres(folder);
        try {
            Files.createDirectory(postgres.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Program.run("chown", "-R", "postgres", folder.toString());
        Program.run("chmod", "755", folder.toString());
        String data = postgres.data().toString();
        Program.run(asPostgres(List.of(program("initdb"), "-A", "trust", "-N", "-D", data)));
        return postgres;
    }

    /** Where one of its programs is, or a skipped test that says which one is missing. */
    public static String program(String name) {
        return Program.require(name, PROGRAMS);
    }

    /** Where its data and its configuration are. */
    public Path data() {
        return folder.resolve("data");
    }

    /**
     * Starts it on a free port of 127.0.0.1, and on a Unix socket in its folder.
     *
     * @param readyLine what it prints when it is as far as the test needs it
     * @param settings {@code name=value}
     */
    public Program.Server start(String readyLine, String... settings) {
        return Program.startOnFreePort(readyLine, port -> {
            List<String> command = new ArrayList<>(List.of(program("postgres"), "-D", data().toString()));
            command.addAll(List.of("-p", "" + port, "-k", folder.toString(), "-c", "fsync=off"));
            for (String setting : settings) {
                command.addAll(List.of("-c", setting));
            }
            return Program.start(asPostgres(command));
        });
    }

    /** It may read these files, and nobody else may; from now on they are in its folder. */
    public void give(Path... files) {
        try {
            for (Path file : files) {
                Path own = data().resolve(file.getFileName());
                Files.copy(file, own);
                Program.run("chown", "postgres", own.toString());
                Program.run("chmod", "600", own.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it answers over its socket, one line for a row. */
    public String query(Program.Server server, String query) {
        String port = "" + server.port();
        return Program.run(program("psql"), "-h", folder.toString(), "-p", port, "-U", "postgres", "-Atc", query);
    }

    /** Not by runuser, which stays in between, and takes two seconds to end what it has started. */
    private static String[] asPostgres(List<String> command) {
        List<String> all = new ArrayList<>(List.of(Program.require("setpriv")));
        all.addAll(List.of("--reuid=postgres", "--regid=postgres", "--clear-groups"));
        all.addAll(command);
        return all.toArray(String[]::new);
    }
}
