package io.lb4j.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.HealthChecker;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.selection.BackendSelector;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * A HikariCP pool that writes to whichever of two MariaDB is not {@code read_only}, also after the other one was promoted.
 * Takes their ports on this machine as arguments, 3306 and 3307 if there are none, and tells who is written to. The driver,
 * {@code org.mariadb.jdbc:mariadb-java-client}, is not in {@code lb-examples.jar}.
 *
 * <p>The replica has {@code read_only=1}, {@code MASTER_USE_GTID=slave_pos} and {@code rpl_semi_sync_slave_enabled=1}; the
 * primary {@code rpl_semi_sync_master_enabled=1}, {@code rpl_semi_sync_master_wait_point=AFTER_SYNC}, and a {@code
 * rpl_semi_sync_master_timeout} that is longer than anybody waits, as it goes on alone after that. Then a commit is
 * acknowledged, and seen by others, when the replica has it; without it, what was acknowledged last is lost with the
 * primary.
 *
 * <p>It is promoted by {@code STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0}, after it has applied what it had
 * received. An old primary that comes back as it was is not {@code read_only} either, and there are two: {@code STAY}
 * leaves new connections with the one that took over, and {@code CLOSE} has reset those that the old one had. Both hold
 * for as long as this balancer runs, so give each of the two {@code read_only=1} in its file, and take it away by hand.
 */
public final class MariaDbFailOver {
    private MariaDbFailOver() {}

    public static void main(String[] args) throws SQLException {
        List<Integer> ports = Stream.of(args).map(Integer::valueOf).toList();
        run(ports.isEmpty() ? List.of(3306, 3307) : ports, System.out);
    }

    static void run(List<Integer> ports, PrintStream out) throws SQLException {
        try (LoadBalancer lb = balancer(ports, Duration.ofSeconds(1))) {
            List<BackendState> backends = lb.backends().list();
            backends.forEach(state ->
                    out.println("Backend " + state.backend() + " is " + state.status() + " " + state.reason()));
            if (backends.stream().noneMatch(state -> state.status() == BackendStatus.UP)) {
                out.println("So there is nobody to write to");
                return;
            }
            try (HikariDataSource pool = pool(lb.port(), "lb4j");
                    Connection connection = pool.getConnection()) {
                out.println("Written to: " + serverPort(connection));
            }
        }
    }

    /** @param checkEvery how often each is asked; two answers in a row that it is read-only count */
    static LoadBalancer balancer(List<Integer> ports, Duration checkEvery) {
        var builder = LoadBalancer.builder()
                .name("primary")
                .selector(BackendSelector.first())
                .healthCheck(check ->
                        check.checker(isWritable("lb4j")).interval(checkEvery).awaitFirstChecks(Duration.ofSeconds(10)))
                .onDown(OnDown.CLOSE)
                .onRecovery(OnRecovery.STAY)
                // The pool is told at once that there is nobody, and tries again.
                .whenNoneHealthy(NoneHealthy.STOP_LISTENING)
                .timeouts(timeouts -> timeouts.noIdle());
        ports.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }

    /** Healthy when an ordinary user can write to it; one with {@code READ ONLY ADMIN}, as root, can always. */
    static HealthChecker isWritable(String user) {
        return (backend, timeout) -> {
            String url = "jdbc:mariadb://" + backend.hostAndPort() + "/?user=" + user + "&connectTimeout="
                    + timeout.toMillis() + "&socketTimeout=" + timeout.toMillis();
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery("SELECT @@read_only")) {
                result.next();
                if (result.getBoolean(1)) {
                    throw new SQLException("read-only");
                }
            }
        };
    }

    static HikariDataSource pool(int port, String user) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:mariadb://127.0.0.1:" + port + "/");
        config.setUsername(user);
        config.setMaximumPoolSize(4);
        // How long a fail-over may take before somebody who wants a connection is told. While there is no primary
        // HikariCP tries again after 10 ms, and then each time after twice as long, up to 5 s: so much later than the
        // promotion the first write may be.
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        return new HikariDataSource(config);
    }

    /**
     * Appends one row to {@code app.entries}, and returns when it is in both databases. When it throws, the row may be
     * there or not: repeat it with the same number, which is written anew if it is there.
     */
    static void append(DataSource pool, int number) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO app.entries VALUES (?, NOW(6))"
                        + " ON DUPLICATE KEY UPDATE written = VALUES(written)")) {
            insert.setInt(1, number);
            insert.executeUpdate();
        }
    }

    static int serverPort(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT @@port")) {
            result.next();
            return result.getInt(1);
        }
    }
}
