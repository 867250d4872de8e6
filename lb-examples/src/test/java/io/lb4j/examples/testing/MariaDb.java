package io.lb4j.examples.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real MariaDB on a port of 127.0.0.1, with the data of a folder. Closing it ends it. */
public final class MariaDb implements AutoCloseable {
    private final Path folder;
    private final ServerProgram program;

    private MariaDb(Path folder, String... settings) {
        this.folder = folder;
        String mariadbd = ServerProgram.require("mariadbd", "/usr/sbin");
        program =
                ServerProgram.start(folder.resolve("log"), output -> output.contains("ready for connections"), port -> {
                    List<String> command = new ArrayList<>(List.of(mariadbd, "--no-defaults", "--user=root"));
                    command.addAll(List.of("--datadir=" + data(folder), "--socket=" + folder.resolve("socket")));
                    command.addAll(List.of("--port=" + port, "--bind-address=127.0.0.1"));
                    command.addAll(List.of("--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=2"));
                    command.addAll(List.of(settings));
                    return command;
                });
    }

    /** Makes a new one in a folder that is there and holds nothing; skips the test where there is no MariaDB. */
    public static void install(Path folder) {
        ServerProgram.run(
                true,
                List.of(
                        ServerProgram.require("mariadb-install-db"),
                        "--no-defaults",
                        "--datadir=" + data(folder),
                        "--auth-root-authentication-method=normal",
                        "--user=root",
                        "--skip-test-db",
                        "--innodb-log-file-size=4M"));
    }

    /** The same as in another folder, where it has not been started yet: sooner than to install it there. */
    public static void copy(Path from, Path folder) {
        ServerProgram.run(true, List.of("cp", "-r", data(from), data(folder)));
    }

    /** Starts the one in a folder. */
    public static MariaDb start(Path folder, String... settings) {
        return new MariaDb(folder, settings);
    }

    public int port() {
        return program.port();
    }

    /** What it answers over its socket, one line for a row. */
    public String query(String query) {
        String socket = folder.resolve("socket").toString();
        return ServerProgram.run(
                true, List.of(ServerProgram.require("mariadb"), "-uroot", "-S", socket, "-N", "-e", query));
    }

    /** Starts it on the port it had; returns whether it runs. */
    public boolean startAgain() {
        return program.startAgain();
    }

    /** It is killed, as by a machine that is out of memory. */
    public void crash() {
        program.end("KILL");
    }

    @Override
    public void close() {
        program.end("KILL");
    }

    private static String data(Path folder) {
        return folder.resolve("data").toString();
    }
}
