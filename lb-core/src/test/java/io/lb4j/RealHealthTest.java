package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.HealthChecker;
import io.lb4j.testing.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three real HTTP servers, one of which is killed, stopped or broken. Skipped where a program is missing. */
@Timeout(120)
class RealHealthTest {
    private static final Duration INTERVAL = Duration.ofMillis(300);
    private static final Pattern SOCKET_ERRORS =
            Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");

    @TempDir
    Path folder;

    private final List<Program> servers = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    @BeforeEach
    void startServers() throws IOException {
        Program.require("nginx", "/usr/sbin");
        for (int i = 0; i < 3; i++) {
            startServer(i);
        }
    }

    @AfterEach
    void endServers() {
        servers.forEach(server -> signal(server, "CONT"));
        servers.forEach(Program::close);
    }

    @Test
    void oneIsKilledUnderLoad_nothingFailsButWhatWasInFlightOnIt() {
        String wrk = Program.require("wrk");
        int connections = 12;
        try (LoadBalancer lb = start(HealthChecker.tcpConnect());
                Program load =
                        Program.start(wrk, "-t1", "-c" + connections, "-d4s", "-H", "Connection: close", url(lb))) {
            await().until(() -> lb.stats().proxy().accepted() > 200);
            signal(servers.get(1), "KILL");
            // DOWN by its check, or EJECTED by its clients, whichever was quicker.
            await().until(() -> status(lb, 1) != BackendStatus.UP);
            await().atMost(Duration.ofSeconds(30)).until(() -> !load.isAlive());
            await().until(() -> load.output().contains("requests in"));
            assertThat(load.output()).doesNotContain("Non-2xx");
            assertThat(socketErrors(load.output())).isLessThanOrEqualTo(connections);
            assertThat(lb.stats().proxy().accepted()).isGreaterThan(400);
        }
    }

    @Test
    void blueGreenSwitch_underLoad_failsNothing() {
        String wrk = Program.require("wrk");
        try (LoadBalancer lb = LoadBalancer.builder()
                        .backend(Backend.of("127.0.0.1", ports.get(0)).withId("blue"))
                        .start();
                Program load = Program.start(wrk, "-t1", "-c12", "-d4s", "-H", "Connection: close", url(lb))) {
            await().until(() -> lb.stats().proxy().accepted() > 200);
            lb.backends().add(Backend.of("127.0.0.1", ports.get(1)).withId("green"));
            await().until(() -> lb.stats().backends().get("green").connections() > 100);
            assertThat(lb.backends().remove("blue").toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10));
            servers.get(0).close();
            await().atMost(Duration.ofSeconds(30)).until(() -> !load.isAlive());
            await().until(() -> load.output().contains("requests in"));
            assertThat(load.output()).doesNotContain("Non-2xx", "Socket errors");
        }
    }

    /** The kernel goes on accepting for a process that is stopped: only who asks for an answer finds out. */
    @Test
    void oneIsStopped_httpFindsItAndTcpDoesNot() {
        Duration timeout = Duration.ofMillis(700);
        try (LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", ports.get(0))
                        .backend("127.0.0.1", ports.get(1))
                        .healthCheck(check -> check.checker(HealthChecker.http("/"))
                                .interval(INTERVAL)
                                .timeout(timeout)
                                .unhealthyAfter(2))
                        .start();
                LoadBalancer tcp = start(HealthChecker.tcpConnect())) {
            await().until(() -> lb.backends().list().stream().allMatch(state -> state.passedChecks() > 0));
            signal(servers.get(1), "STOP");
            await().until(() -> status(lb, 1) == BackendStatus.DOWN);
            assertThat(lb.backends().list().get(1).reason()).startsWith("after 2 failed checks (");
            int before = tcp.backends().list().get(1).passedChecks();
            await().until(() -> tcp.backends().list().get(1).passedChecks() > before + 2);
            assertThat(status(tcp, 1)).isEqualTo(BackendStatus.UP);
            signal(servers.get(1), "CONT");
            await().until(() -> status(lb, 1) == BackendStatus.UP);
        }
    }

    @Test
    void oneAnswers500_isOutAndTheReasonSaysSo() throws IOException {
        try (LoadBalancer lb = start(HealthChecker.http("/"))) {
            await().until(() -> lb.backends().list().stream().allMatch(state -> state.passedChecks() > 0));
            Files.writeString(folder.resolve("1/broken"), "");
            await().until(() -> status(lb, 1) == BackendStatus.DOWN);
            assertThat(lb.backends().list().get(1).reason()).contains("500");
            Files.delete(folder.resolve("1/broken"));
            await().until(() -> status(lb, 1) == BackendStatus.UP);
        }
    }

    private LoadBalancer start(HealthChecker checker) {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .healthCheck(check -> check.checker(checker).interval(INTERVAL));
        ports.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }

    /** One process each, so that a signal reaches all there is. */
    private void startServer(int index) throws IOException {
        String nginx = Program.require("nginx", "/usr/sbin");
        Path own = Files.createDirectories(folder.resolve("" + index));
        Files.writeString(own.resolve("index.html"), "I am " + index + "\n");
        Program.Server server = Program.startOnFreePort(
                port -> Program.start(nginx, "-p", own.toString(), "-c", configuration(own, port)),
                (program, port) -> Files.exists(own.resolve("pid")));
        servers.add(server.program());
        ports.add(server.port());
    }

    private static String configuration(Path own, int port) {
        try {
            return Files.writeString(own.resolve("nginx.conf"), config(own, port))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String config(Path own, int port) {
        return """
                daemon off;
                master_process off;
                user root;
                pid %1$s/pid;
                error_log stderr;
                events { worker_connections 512; }
                http {
                  access_log off;
                  client_body_temp_path %1$s; proxy_temp_path %1$s; fastcgi_temp_path %1$s;
                  uwsgi_temp_path %1$s; scgi_temp_path %1$s;
                  server {
                    listen 127.0.0.1:%2$d;
                    root %1$s;
                    if (-f %1$s/broken) { return 500; }
                  }
                }
                """.formatted(own, port);
    }

    private static void signal(Program program, String name) {
        if (program.isAlive()) {
            Program.run("kill", "-" + name, "" + program.process().pid());
        }
    }

    private static BackendStatus status(LoadBalancer lb, int index) {
        return lb.backends().list().get(index).status();
    }

    private static String url(LoadBalancer lb) {
        return "http://127.0.0.1:" + lb.port() + "/";
    }

    private static int socketErrors(String report) {
        Matcher errors = SOCKET_ERRORS.matcher(report);
        int sum = 0;
        if (errors.find()) {
            for (int i = 1; i <= 4; i++) {
                sum += Integer.parseInt(errors.group(i));
            }
        }
        return sum;
    }
}
