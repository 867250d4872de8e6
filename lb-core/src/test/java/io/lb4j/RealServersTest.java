package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.testing.Authority;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.Postgres;
import io.lb4j.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real servers and their own load generators, with the balancer in between. Skipped where a program is missing. */
@Timeout(180)
class RealServersTest {
    @Test
    void redis_throughBalancer_hasNoError() {
        String server = Program.require("redis-server");
        String benchmark = Program.require("redis-benchmark");
        try (Program.Server redis = Program.startOnFreePort(
                        "Ready to accept connections",
                        port -> Program.start(server, "--port", "" + port, "--bind", "127.0.0.1", "--save", ""));
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", redis.port())
                        .start()) {
            String report = Program.run(
                    benchmark, "-p", "" + lb.port(), "-c", "50", "-n", "100000", "-P", "16", "-t", "set,get", "-q");

            assertThat(report).contains("SET:", "GET:").doesNotContainIgnoringCase("error");
            assertThat(redis.program().isAlive()).isTrue();
            assertEveryConnectionCompleted(lb);
        }
    }

    @Test
    void postgres_throughBalancer_failsNoTransaction(@TempDir Path folder) {
        String pgbench = Postgres.program("pgbench");
        try (Program.Server postgres = startPostgres(folder, 100);
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", postgres.port())
                        .start()) {
            Program.run(pgbench(pgbench, lb, "-i", "-q", "-s", "2"));
            String kept = Program.run(pgbench(pgbench, lb, "-c", "20", "-T", "2"));
            String fresh = Program.run(pgbench(pgbench, lb, "-C", "-S", "-c", "10", "-T", "2"));

            assertThat(kept).contains("number of failed transactions: 0 ");
            assertThat(fresh).contains("number of failed transactions: 0 ");
            assertThat(postgres.program().isAlive()).isTrue();
            assertEveryConnectionCompleted(lb);
        }
    }

    /**
     * A hundred clients, each of whose transactions has a connection of its own; the server takes 20. A thread for each:
     * one for several would wait for a place with the connections of the others in hand.
     */
    @Test
    void postgres_withFewerPlacesThanClients_failsNoTransaction(@TempDir Path folder) {
        String pgbench = Postgres.program("pgbench");
        try (Program.Server postgres = startPostgres(folder, 20);
                LoadBalancer lb = LoadBalancer.builder()
                        .backend(Backend.of("127.0.0.1", postgres.port()).withMaxConnections(15))
                        .queue(queue -> queue.timeout(Duration.ofSeconds(60)))
                        .start()) {
            Program.run(pgbench(pgbench, lb, "-i", "-q", "-s", "1"));
            String report = Program.run(pgbench(pgbench, lb, "-C", "-S", "-c", "100", "-j", "100", "-T", "2"));

            assertThat(report).contains("number of failed transactions: 0 ");
            assertThat(lb.stats().proxy().refusedTotal()).isZero();
            assertThat(lb.stats().queue().waits().total()).isPositive();
            assertEveryConnectionCompleted(lb);
        }
    }

    /** A dialogue in plain text comes before its TLS: the balancer hears nothing of either. */
    @Test
    void postgres_overTls_isVerifiedByItsClient_throughTheBalancer(@TempDir Path folder, @TempDir Path certificates) {
        String psql = Program.require("psql");
        Authority authority = Authority.in(certificates);
        Certificate certificate = authority.sign("db.example.test");
        Postgres postgres = Postgres.in(folder);
        postgres.give(certificate.file(), certificate.key());
        try (Program.Server server = postgres.start(
                        "database system is ready to accept connections",
                        "ssl=on",
                        "ssl_cert_file=" + certificate.file().getFileName(),
                        "ssl_key_file=" + certificate.key().getFileName());
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", server.port())
                        .start()) {
            String place = "hostaddr=127.0.0.1 port=%d user=postgres sslmode=verify-full sslrootcert=%s host="
                    .formatted(lb.port(), authority.file());
            String query = "select version from pg_stat_ssl where pid = pg_backend_pid()";

            assertThat(Program.run(psql, place + "db.example.test", "-Atc", query))
                    .isEqualTo("TLSv1.3");
            assertThat(Program.outcome("", psql, place + "other.example.test", "-Atc", query)
                            .output())
                    .contains("does not match host name \"other.example.test\"");
            assertEveryConnectionCompleted(lb);
        }
    }

    private static Program.Server startPostgres(Path folder, int maxConnections) {
        return Postgres.in(folder)
                .start("database system is ready to accept connections", "max_connections=" + maxConnections);
    }

    private static String[] pgbench(String program, LoadBalancer lb, String... options) {
        String[] command = new String[options.length + 8];
        String[] fixed = {program, "-h", "127.0.0.1", "-p", "" + lb.port(), "-U", "postgres"};
        System.arraycopy(fixed, 0, command, 0, fixed.length);
        System.arraycopy(options, 0, command, fixed.length, options.length);
        command[command.length - 1] = "postgres";
        return command;
    }

    private static void assertEveryConnectionCompleted(LoadBalancer lb) {
        await().untilAsserted(() -> assertThat(lb.stats().proxy().active()).isZero());
        assertThat(lb.stats().proxy().accepted()).isEqualTo(lb.stats().proxy().closedTotal());
        assertThat(lb.stats().proxy().closed(CloseReason.INTERNAL_ERROR)).isZero();
        assertThat(lb.stats().proxy().connectFailuresTotal()).isZero();
    }
}
