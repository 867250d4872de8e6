package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A real exim on a port of 127.0.0.1, with its log in a folder; it takes no mail. */
public final class Exim implements AutoCloseable {
    private final Program.Server server;
    private final Path log;

    private Exim(Program.Server server, Path log) {
        this.server = server;
        this.log = log;
    }

    /**
     * Starts one; skips the test where there is none.
     *
     * @param connectRules statements of the list that is asked when somebody connects, {@code accept} for all
     */
    public static Exim start(Path folder, String connectRules) {
        String exim = Program.require("exim4", "/usr/sbin");
        String config = configure(folder, connectRules);
        Path log = folder.resolve("mainlog");
        return new Exim(
                Program.startOnFreePort(
                        port -> Program.start(exim, "-C", config, "-bdf", "-oX", "127.0.0.1." + port),
                        (program, port) -> read(log).contains("]:" + port)),
                log);
    }

    private static String configure(Path folder, String connectRules) {
        try {
            // It gives up its rights, and writes there nevertheless.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            return Files.writeString(folder.resolve("config"), """
                            log_file_path = %1$s/%%slog
                            spool_directory = %1$s/spool
                            log_selector = +smtp_connection
                            primary_hostname = localhost
                            tls_advertise_hosts =
                            pipelining_connect_advertise_hosts =
                            keep_environment =
                            local_interfaces = 127.0.0.1
                            acl_smtp_connect = connect
                            begin acl
                            connect:
                            %2$s
                            begin routers
                            begin transports
                            """.formatted(folder, connectRules))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.port();
    }

    /** What it has logged until now. */
    public String log() {
        return read(log);
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
