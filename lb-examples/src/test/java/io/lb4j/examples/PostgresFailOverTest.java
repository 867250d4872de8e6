package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendStatus;
import io.lb4j.examples.testing.HaProxy;
import io.lb4j.examples.testing.Postgres;
import io.lb4j.examples.testing.RoleEndpoint;
import io.lb4j.examples.testing.Writer;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnRecovery;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real PostgreSQL and its replica, real clients, and HAProxy beside the balancer in the same run. Skipped where a program
 * is missing.
 */
@Timeout(120)
class PostgresFailOverTest {
    /** The issue asks for 2 s. This is for a machine that is busy; what it took is printed. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration CHECK_EVERY = Duration.ofMillis(200);
    private static final int CLIENTS = 40;

    @TempDir
    static Path folder;

    private static Postgres old;
    private static Postgres reserve;

    @BeforeAll
    static void startServers() throws IOException {
        folder.toFile().setExecutable(true, false);
        old = Postgres.start(Files.createDirectory(folder.resolve("old")), "synchronous_standby_names=*");
        reserve = old.startReplica(Files.createDirectory(folder.resolve("reserve")));
        // The names tell in the log through which of the two somebody comes.
        old.query("CREATE ROLE lb4j LOGIN SUPERUSER; CREATE ROLE haproxy LOGIN SUPERUSER");
        old.query("CREATE TABLE entries (number int PRIMARY KEY, written timestamptz)");
    }

    @AfterAll
    static void endServers() {
        for (Postgres started : new Postgres[] {reserve, old}) {
            if (started != null) {
                started.close();
            }
        }
    }

    @Test
    void primaryIsKilled_replicaIsPromoted_nothingIsLostAndTheOldOneStaysAlone() throws Exception {
        try (LoadBalancer lb = PostgresFailOver.balancer(List.of(old.port(), reserve.port()), CHECK_EVERY);
                RoleEndpoint oldRole = RoleEndpoint.start(old.port(), PostgresFailOver.isPrimary("postgres"));
                RoleEndpoint reserveRole = RoleEndpoint.start(reserve.port(), PostgresFailOver.isPrimary("postgres"));
                HaProxy haproxy =
                        HaProxy.overPrimary(folder, CHECK_EVERY, old.port(), oldRole, reserve.port(), reserveRole);
                Writer writer = write(0, lb.port(), "lb4j");
                Writer viaHaProxy = write(1_000_000, haproxy.port(), "haproxy")) {
            long promoted = failOver(lb, haproxy, writer, viaHaProxy);
            assertThat(writer.firstAfter(promoted)).isLessThan(PATIENCE);

            assertThat(old.startAgain()).isTrue();
            await().atMost(PATIENCE).until(() -> status(lb, old) == BackendStatus.UP);
            haproxy.awaitStatus("old", "UP");
            writer.awaitMoreOnNewConnections(20);
            viaHaProxy.awaitMoreOnNewConnections(20);
            assertThat(lb.backends().get(id(old)).activeConnections()).isZero();
            assertThat(clientsOf(old, "lb4j")).isZero();

            writer.stop();
            viaHaProxy.stop();
            Set<Integer> rows = rows(reserve);
            System.out.println("PostgreSQL through lb4j: " + writer.story(promoted, rows));
            System.out.println("PostgreSQL through HAProxy: " + viaHaProxy.story(promoted, rows) + ", "
                    + clientsOf(old, "haproxy") + " connections to the old one");
            assertThat(writer.lost(rows)).isZero();

            // The role alone does not tell the two apart.
            lb.reconfigure(change -> change.onRecovery(OnRecovery.KEEP));
            assertThat(serverOf(lb)).isEqualTo(old.port());
        }
    }

    private static boolean isWaitingForReplica(Postgres server) {
        return server.query("SELECT wait_event FROM pg_stat_activity").contains("SyncRep");
    }

    /** Returns when the reserve was told to be the primary. */
    private static long failOver(LoadBalancer lb, HaProxy haproxy, Writer... writers) {
        List.of(writers).forEach(writer -> writer.awaitMore(20));
        // What is written from here on the replica does not have, and nobody may be told that it is written.
        reserve.suspend();
        await().atMost(PATIENCE).until(() -> isWaitingForReplica(old));
        old.crash();
        reserve.resume();
        await().atMost(PATIENCE).until(() -> !lb.isListening());
        haproxy.awaitStatus("old", "DOWN");
        long promoted = System.nanoTime();
        reserve.query("SELECT pg_promote()");
        List.of(writers).forEach(writer -> writer.awaitMore(20));
        // Also those that the pool has not missed yet, and has not closed.
        await().atMost(PATIENCE).until(() -> lb.backends().get(id(old)).activeConnections() == 0);
        return promoted;
    }

    /** Experiment E10: {@code psql} with a list of hosts, of which the first has nobody who could serve. */
    @Test
    void noBackendUp_psqlWithAListOfHosts_reachesTheNext() throws Exception {
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0));
            int dead = nobody.getLocalPort();
            try (LoadBalancer closing = balancer(dead, NoneHealthy.STOP_LISTENING);
                    LoadBalancer resetting = balancer(dead, NoneHealthy.CLOSE);
                    HaProxy haproxy = HaProxy.start(
                            Files.createDirectory(folder.resolve("dead")),
                            "server dead 127.0.0.1:" + dead + " check inter 100ms")) {
                await().atMost(PATIENCE).until(() -> isRefused(closing.port()));
                haproxy.awaitStatus("dead", "DOWN");
                int reached = reachedTheNext(closing.port());
                System.out.printf(
                        "psql: the next host was reached with STOP_LISTENING %d of %d times, with CLOSE %d, with HAProxy"
                                + " %d%n",
                        reached, CLIENTS, reachedTheNext(resetting.port()), reachedTheNext(haproxy.port()));
                assertThat(reached).isEqualTo(CLIENTS);
            }
        }
    }

    private static LoadBalancer balancer(int dead, NoneHealthy whenNoneHealthy) {
        return LoadBalancer.builder()
                .backend("127.0.0.1", dead)
                .healthCheck(check -> check.awaitFirstChecks(PATIENCE))
                .whenNoneHealthy(whenNoneHealthy)
                .start();
    }

    private static boolean isRefused(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return refused instanceof ConnectException;
        }
    }

    /** How many of so many clients that know a port and a server are answered by the server. */
    private static int reachedTheNext(int port) throws Exception {
        int next = reserve.port();
        ProcessBuilder psql = new ProcessBuilder(
                Postgres.program("psql"),
                "host=127.0.0.1,127.0.0.1 port=" + port + "," + next
                        + " user=postgres dbname=postgres connect_timeout=20",
                "-Atc",
                "SELECT inet_server_port()");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> answers = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> threads.submit(() -> answer(psql)))
                    .toList();
            int reached = 0;
            for (Future<String> answer : answers) {
                reached += answer.get().equals("" + next) ? 1 : 0;
            }
            return reached;
        } finally {
            threads.shutdown();
        }
    }

    private static String answer(ProcessBuilder psql) throws IOException {
        Process client = psql.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static Writer write(int first, int port, String user) {
        return Writer.start(first, PostgresFailOver.pool(port, user), PostgresFailOver::append);
    }

    private static Set<Integer> rows(Postgres server) {
        return server.query("SELECT number FROM entries")
                .lines()
                .map(Integer::valueOf)
                .collect(Collectors.toSet());
    }

    private static long clientsOf(Postgres server, String user) {
        return server.log()
                .lines()
                .filter(line -> line.contains("connection authorized: user=" + user))
                .count();
    }

    private static int serverOf(LoadBalancer lb) throws Exception {
        try (HikariDataSource pool = PostgresFailOver.pool(lb.port(), "lb4j");
                Connection connection = pool.getConnection()) {
            return JdbcThroughHikari.serverPort(connection);
        }
    }

    private static BackendStatus status(LoadBalancer lb, Postgres server) {
        return lb.backends().get(id(server)).status();
    }

    private static String id(Postgres server) {
        return "127.0.0.1:" + server.port();
    }
}
