package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendStatus;
import io.lb4j.examples.testing.Postgres;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL, its replica, and a third one that is not there. Skipped where PostgreSQL is missing. */
@Timeout(120)
class PostgresWritesAndReadsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Postgres primary;
    private Postgres replica;

    /** Bound and not listening: it refuses, and nobody else can take the port. */
    private final Socket dead = new Socket();

    @BeforeEach
    void startServers() throws Exception {
        folder.toFile().setExecutable(true, false);
        primary = Postgres.start(Files.createDirectory(folder.resolve("primary")));
        replica = primary.startReplica(Files.createDirectory(folder.resolve("replica")));
        dead.bind(new InetSocketAddress("127.0.0.1", 0));
        // The first connection of a JVM, which loads the driver, may take longer than a check has.
        PostgresWritesAndReads.connect(primary.port()).close();
    }

    @AfterEach
    void endServers() throws IOException {
        dead.close();
        for (Postgres started : new Postgres[] {replica, primary}) {
            if (started != null) {
                started.close();
            }
        }
    }

    @Test
    void primaryDies_readsGoOn_andWritesFollowThePromotion() throws Exception {
        assertThat(String.join("\n", ExamplesTest.storyOf(out -> PostgresWritesAndReads.run(ports(), out))))
                .contains(
                        "writes/127.0.0.1:" + primary.port() + " is UP after ",
                        "writes/127.0.0.1:" + replica.port() + " is DOWN after ",
                        "(a replica)\n",
                        "Port of the writes: answered by " + primary.port(),
                        "reads/127.0.0.1:" + primary.port() + " is UP after ",
                        "reads/127.0.0.1:" + replica.port() + " is UP after ",
                        "reads/127.0.0.1:" + dead.getLocalPort() + " is DOWN after ");
        try (LoadBalancer lb = PostgresWritesAndReads.balancer(ports(), Duration.ofMillis(200))) {
            await().atMost(PATIENCE)
                    .until(() ->
                            isUp(lb, "writes", primary) && isUp(lb, "reads", primary) && isUp(lb, "reads", replica));
            assertThat(answeredBy(lb, "writes")).isEqualTo(primary.port());
            write(lb, "CREATE TABLE entries (number int)");
            assertThat(readers(lb)).containsExactlyInAnyOrder(primary.port(), replica.port());

            primary.kill();
            await().atMost(PATIENCE).until(() -> !lb.frontend("writes").isListening());
            await().atMost(PATIENCE).until(() -> !isUp(lb, "reads", primary));
            assertThat(lb.frontend("reads").isListening()).isTrue();
            assertThat(readers(lb)).containsOnly(replica.port());

            replica.query("SELECT pg_promote()");
            await().atMost(PATIENCE).until(() -> lb.frontend("writes").isListening());
            assertThat(answeredBy(lb, "writes")).isEqualTo(replica.port());
            write(lb, "INSERT INTO entries VALUES (1)");
        }
    }

    private List<Integer> ports() {
        return List.of(primary.port(), replica.port(), dead.getLocalPort());
    }

    private static boolean isUp(LoadBalancer lb, String pool, Postgres server) {
        return lb.pool(pool)
                        .backends()
                        .get(pool + "/127.0.0.1:" + server.port())
                        .status()
                == BackendStatus.UP;
    }

    private static Connection connect(LoadBalancer lb, String frontend) throws SQLException {
        return PostgresWritesAndReads.connect(lb.frontend(frontend).port());
    }

    private static int answeredBy(LoadBalancer lb, String frontend) throws SQLException {
        try (Connection connection = connect(lb, frontend)) {
            return JdbcThroughHikari.serverPort(connection);
        }
    }

    /** Who answers two that are connected at the same time. */
    private static List<Integer> readers(LoadBalancer lb) throws SQLException {
        await().until(() -> lb.frontend("reads").stats().active() == 0);
        try (Connection one = connect(lb, "reads");
                Connection another = connect(lb, "reads")) {
            return List.of(JdbcThroughHikari.serverPort(one), JdbcThroughHikari.serverPort(another));
        }
    }

    private static void write(LoadBalancer lb, String sql) throws SQLException {
        try (Connection connection = connect(lb, "writes");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
