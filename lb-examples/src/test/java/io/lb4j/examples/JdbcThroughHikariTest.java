package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendStatus;
import io.lb4j.examples.testing.Postgres;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pool example against two real PostgreSQL, one of which is killed or hangs. Skipped where there is none. */
@Timeout(120)
class JdbcThroughHikariTest {
    @TempDir
    static Path folder;

    private static Postgres one;
    private static Postgres two;

    private LoadBalancer lb;
    private HikariDataSource pool;

    @BeforeAll
    static void startServers() throws IOException {
        folder.toFile().setExecutable(true, false);
        one = Postgres.start(Files.createDirectory(folder.resolve("one")));
        two = Postgres.start(Files.createDirectory(folder.resolve("two")));
    }

    @AfterAll
    static void endServers() {
        for (Postgres started : new Postgres[] {one, two}) {
            if (started != null) {
                started.close();
            }
        }
    }

    @BeforeEach
    void startPool() {
        lb = JdbcThroughHikari.balancer(List.of(one.port(), two.port()), Duration.ofSeconds(1));
        pool = JdbcThroughHikari.pool(lb.port());
    }

    @AfterEach
    void endPool() {
        pool.close();
        lb.close();
    }

    @Test
    void twoServers_poolOfFour_haveTwoEach() throws Exception {
        assertThat(ExamplesTest.storyOf(out -> JdbcThroughHikari.run(List.of(one.port(), two.port()), out)))
                .hasSize(3)
                .last()
                .asString()
                .contains(one.port() + "=2", two.port() + "=2");
    }

    @Test
    void serverIsKilled_itsConnectionsFailOnceAndTheOtherAnswers() throws Exception {
        Connection itsOwn = borrowFrom(one);
        one.kill();
        try (itsOwn) {
            assertThatExceptionOfType(SQLException.class).isThrownBy(() -> JdbcThroughHikari.serverPort(itsOwn));
        }
        List<SQLException> failures = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            try (Connection connection = pool.getConnection()) {
                assertThat(JdbcThroughHikari.serverPort(connection)).isEqualTo(two.port());
            } catch (SQLException alreadyPooled) {
                failures.add(alreadyPooled);
            }
        }
        assertThat(failures).hasSizeLessThan(pool.getMaximumPoolSize());
        awaitStatus(one, BackendStatus.DOWN);
        assertThat(one.startAgain()).isTrue();
        awaitStatus(one, BackendStatus.UP);
    }

    @Test
    void serverHangs_itsConnectionsAreResetWhenItsChecksFail() throws Exception {
        try (Connection itsOwn = borrowFrom(one)) {
            one.suspend();
            // The driver has no timeout of its own, and nothing else wakes it.
            CompletableFuture<Integer> query = CompletableFuture.supplyAsync(() -> answerOn(itsOwn));
            assertThat(query)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withRootCauseInstanceOf(SocketException.class);
            assertThat(lb.backends().get("127.0.0.1:" + one.port()).status()).isEqualTo(BackendStatus.DOWN);
            try (Connection next = pool.getConnection()) {
                assertThat(JdbcThroughHikari.serverPort(next)).isEqualTo(two.port());
            }
        } finally {
            one.resume();
        }
        awaitStatus(one, BackendStatus.UP);
    }

    private static int answerOn(Connection connection) {
        try {
            return JdbcThroughHikari.serverPort(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitStatus(Postgres server, BackendStatus status) {
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(30))
                .until(() -> lb.backends().get("127.0.0.1:" + server.port()).status() == status);
    }

    /** A connection to this server; those to others are held until it is found, so that the pool makes another one. */
    private Connection borrowFrom(Postgres server) throws SQLException {
        List<Connection> others = new ArrayList<>();
        try {
            while (true) {
                Connection connection = pool.getConnection();
                if (JdbcThroughHikari.serverPort(connection) == server.port()) {
                    return connection;
                }
                others.add(connection);
            }
        } finally {
            for (Connection other : others) {
                other.close();
            }
        }
    }
}
