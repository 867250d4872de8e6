package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The database example against a real PostgreSQL that is stopped and started. Skipped where there is none. */
@Timeout(120)
class DatabaseHealthCheckTest {
    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");

    @TempDir
    Path folder;

    private int port;

    @Test
    void realPostgres_stoppedAndStarted_isOutAndIn() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(PROGRAMS.resolve("pg_ctl")), "skipped: PostgreSQL 15 is not on this machine");
        command(true, "chown", "postgres", folder.toString());
        asPostgres(true, "initdb", "-A", "trust", "-N", "-D", data());
        startOnAFreePort();
        LinkedBlockingQueue<BackendStatusChanged> changes = new LinkedBlockingQueue<>();
        try (LoadBalancer lb = LoadBalancer.builder()
                .backend("127.0.0.1", port)
                .healthCheck(check -> check.checker(DatabaseHealthCheck.answersAQuery("postgres", "postgres"))
                        .interval(Duration.ofSeconds(1))
                        .timeout(Duration.ofSeconds(1))
                        .awaitFirstChecks(Duration.ofSeconds(20)))
                .listener(new LoadBalancerListener() {
                    @Override
                    public void backendStatusChanged(BackendStatusChanged event) {
                        changes.add(event);
                    }
                })
                .start()) {
            assertThat(lb.backends().list().get(0).status()).isEqualTo(BackendStatus.UP);
            assertThat(next(changes).to()).isEqualTo(BackendStatus.UP);
            asPostgres(true, "pg_ctl", "-w", "-m", "fast", "-D", data(), "stop");
            BackendStatusChanged out = next(changes);
            assertThat(out.to()).isEqualTo(BackendStatus.DOWN);
            assertThat(out.reason()).startsWith("after 2 failed checks (");
            start();
            assertThat(next(changes).to()).isEqualTo(BackendStatus.UP);
        } finally {
            asPostgres(false, "pg_ctl", "-w", "-m", "immediate", "-D", data(), "stop");
        }
    }

    private static BackendStatusChanged next(LinkedBlockingQueue<BackendStatusChanged> changes)
            throws InterruptedException {
        BackendStatusChanged change = changes.poll(30, TimeUnit.SECONDS);
        assertThat(change).as("a status change").isNotNull();
        return change;
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private void startOnAFreePort() throws Exception {
        do {
            port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
        } while (!start());
    }

    private boolean start() throws Exception {
        String options = "-p " + port + " -h 127.0.0.1 -k " + folder + " -c fsync=off";
        return asPostgres(
                false, "pg_ctl", "-w", "-D", data(), "-l", folder.resolve("log").toString(), "-o", options, "start");
    }

    private boolean asPostgres(boolean must, String program, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "runuser", "-u", "postgres", "--", PROGRAMS.resolve(program).toString()));
        all.addAll(List.of(arguments));
        return command(must, all.toArray(String[]::new));
    }

    /** Returns whether it succeeded. */
    private boolean command(boolean must, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("command", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(new File("/"))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean succeeded = process.waitFor() == 0;
            if (must) {
                assertThat(succeeded)
                        .as("%s: %s", String.join(" ", command), Files.readString(output))
                        .isTrue();
            }
            return succeeded;
        } finally {
            Files.delete(output);
        }
    }
}
