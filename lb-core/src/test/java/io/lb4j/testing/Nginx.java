package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Assumptions;

/** A real nginx with its module for streams. */
public final class Nginx {
    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");

    private Nginx() {}

    /** Skips the test, and says what is missing, where there is none. */
    public static String require() {
        String nginx = Program.require("nginx", "/usr/sbin");
        Assumptions.assumeTrue(
                Files.exists(MODULE), () -> "skipped: nginx's module for streams is not on this machine: " + MODULE);
        return nginx;
    }

    /**
     * Starts it; skips the test where there is none.
     *
     * @param folder for its files
     * @param portToServers what is within {@code stream}, when this port and those behind it are free
     */
    public static Program.Server start(Path folder, IntFunction<String> portToServers) {
        String nginx = require();
        Path started = folder.resolve("nginx.pid");
        return Program.startOnFreePort(
                port -> Program.start(
                        nginx, "-p", folder.toString(), "-c", config(folder, started, portToServers.apply(port))),
                // It is written when all that is listened on is open.
                (program, port) -> Files.exists(started));
    }

    private static String config(Path folder, Path started, String servers) {
        try {
            return Files.writeString(folder.resolve("nginx.conf"), """
                    load_module %s;
                    daemon off;
                    master_process off;
                    pid %s;
                    error_log stderr;
                    events {}
                    stream {
                    %s
                    }
                    """.formatted(MODULE, started, servers))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
