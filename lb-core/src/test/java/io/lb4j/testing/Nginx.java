package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/** A real nginx on ports of 127.0.0.1. */
public final class Nginx {
    private static final Path STREAMS = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");

    private Nginx() {}

    /**
     * Starts one for TCP; skips the test where there is none.
     *
     * @param ports how many it listens on, one behind the other
     * @param servers what is in its block {@code stream}, for the first port
     */
    public static Program.Server startStream(Path folder, int ports, IntFunction<String> servers) {
        String nginx = Program.require("nginx", "/usr/sbin");
        Assumptions.assumeTrue(
                Files.exists(STREAMS), () -> "skipped: nginx's module for streams is not on this machine: " + STREAMS);
        return start(
                nginx, folder, ports, port -> "load_module " + STREAMS + ";\nstream {\n" + servers.apply(port) + "\n}");
    }

    /**
     * Starts one for HTTP; skips the test where there is none.
     *
     * @param servers what is in its block {@code http}, for its port
     */
    public static Program.Server startHttp(Path folder, IntFunction<String> servers) {
        String nginx = Program.require("nginx", "/usr/sbin");
        return start(nginx, folder, 1, port -> """
                http {
                  access_log off;
                  client_body_temp_path %1$s; proxy_temp_path %1$s; fastcgi_temp_path %1$s;
                  uwsgi_temp_path %1$s; scgi_temp_path %1$s;
                  %2$s
                }
                """.formatted(folder, servers.apply(port)));
    }

    private static Program.Server start(String nginx, Path folder, int ports, IntFunction<String> block) {
        return Program.startOnFreePort(
                port -> Program.start(nginx, "-p", folder.toString(), "-c", write(folder, block.apply(port))),
                (program, port) -> IntStream.range(port, port + ports).allMatch(KernelSockets::isListening));
    }

    private static String write(Path folder, String block) {
        try {
            Path file = Files.createTempFile(folder, "nginx", ".conf");
            return Files.writeString(file, """
                            %s
                            daemon off;
                            master_process off;
                            pid %s.pid;
                            error_log stderr;
                            events {}
                            """.formatted(block, file)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
