package io.lb4j.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real MariaDB with the data of a folder, on a port of 127.0.0.1. */
public final class MariaDb implements AutoCloseable {
    private final Program.Server server;
    private final String socket;

    private MariaDb(Program.Server server, String socket) {
        this.server = server;
        this.socket = socket;
    }

    /** Starts one that holds nothing yet, in a folder that holds nothing either; skips the test where there is none. */
    public static MariaDb start(Path folder, String... settings) {
        String mariadbd = Program.require("mariadbd", "/usr/sbin");
        String data = folder.resolve("data").toString();
        String socket = folder.resolve("socket").toString();
        Program.run(
                Program.require("mariadb-install-db"),
                "--no-defaults",
                "--datadir=" + data,
                "--auth-root-authentication-method=normal",
                "--user=root",
                "--skip-test-db");
        return new MariaDb(
                Program.startOnFreePort("ready for connections", port -> {
                    List<String> command = new ArrayList<>(List.of(mariadbd, "--no-defaults", "--user=root"));
                    command.addAll(List.of("--datadir=" + data, "--socket=" + socket));
                    command.addAll(List.of("--port=" + port, "--bind-address=127.0.0.1"));
                    command.addAll(List.of(settings));
                    return Program.start(command.toArray(String[]::new));
                }),
                socket);
    }

    public int port() {
        return server.port();
    }

    /** What it has printed until now. */
    public String log() {
        return server.program().output();
    }

    /** What it answers over its socket, one line for a row. */
    public String query(String query) {
        return Program.run(Program.require("mariadb"), "-uroot", "-S", socket, "-N", "-e", query);
    }

    @Override
    public void close() {
        server.close();
    }
}
