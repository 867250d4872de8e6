package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Checks of real backends. Skipped where a program is missing. */
@Timeout(120)
class RealBackendsTest {
    private static final String NGINX_CONFIGURATION = """
            daemon off;
            master_process off;
            error_log stderr notice;
            pid nginx.pid;
            events {}
            http {
                access_log off;
                server {
                    listen 127.0.0.1:%d;
                    location = /health { return 200 '{"status": "up"}'; }
                    location = /broken { return 500 'broken'; }
                    location = /moved { return 301 /health; }
                    location / { return 404; }
                }
            }
            """;

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void nginx_checkedOverHttp_answers(@TempDir Path folder) {
        String nginx = Program.require("nginx", "/usr/sbin");
        int port = startOnFreePort("getrlimit(RLIMIT_NOFILE)", free -> startNginx(nginx, folder, free));

        Checking.passes(HealthChecker.http("/health"), port);
        Checking.passes(HealthChecker.http("/health").expectBody("\"up\""), port);
        Checking.passes(HealthChecker.http("/moved"), port);
        Checking.fails(HealthChecker.http("/broken"), port, "status 500");
        Checking.fails(HealthChecker.http("/elsewhere"), port, "status 404");
        Checking.fails(
                HealthChecker.http("/health").expectBody("\"down\""),
                port,
                "expected \"\"down\"\" in the body, got \"{\"status\": \"up\"}\"");
        assertThat(Checking.check(HealthChecker.tls(), port)).isNotNull();
    }

    @Test
    void redis_checkedWithPing_answers() {
        String redis = Program.require("redis-server");
        int port = startOnFreePort(
                "Ready to accept connections",
                free -> Program.start(redis, "--port", "" + free, "--bind", "127.0.0.1", "--save", ""));

        Checking.passes(HealthChecker.tcpConnect(), port);
        Checking.passes(HealthChecker.sendExpect("PING\r\n", "+PONG\r\n"), port);
        assertThat(Checking.check(HealthChecker.sendExpect("NONSENSE\r\nQUIT\r\n", "+PONG"), port))
                .hasMessageStartingWith("expected \"+PONG\", got \"-ERR unknown command");
    }

    private static Program startNginx(String nginx, Path folder, int port) {
        Path configuration = folder.resolve("nginx.conf");
        try {
            Files.writeString(configuration, NGINX_CONFIGURATION.formatted(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Program.start(nginx, "-p", folder.toString(), "-c", configuration.toString());
    }

    private int startOnFreePort(String readyLine, IntFunction<Program> start) {
        return resources.add(Program.startOnFreePort(readyLine, start)).port();
    }
}
