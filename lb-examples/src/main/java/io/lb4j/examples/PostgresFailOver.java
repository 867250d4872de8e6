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
 * A HikariCP pool that writes to whichever of two PostgreSQL is the primary, also after the other one was promoted. Takes
 * their ports on this machine as arguments, 5432 and 5433 if there are none, and tells who is written to. Who is promoted,
 * and when, is decided elsewhere: by an operator, by Patroni, by repmgr.
 *
 * <p>For the primary, in {@code postgresql.conf}: {@code synchronous_standby_names = '*'}, so that a commit is
 * acknowledged when it is on the disk of the replica as well. Without it, what was acknowledged last is lost with the
 * primary. The replica must not have the same line while it has no replica of its own: promoted, it would let its first
 * commit wait for one.
 *
 * <p>An old primary that comes back as it was says that it is the primary, and so there are two. {@code STAY} leaves new
 * connections with the one that took over, and {@code CLOSE} has reset those that the old one had. Both hold for as long
 * as this balancer runs: one that starts while there are two takes the first of the list. So let the old one not start by
 * itself; {@code pg_rewind} makes it a replica of the new one.
 */
public final class PostgresFailOver {
    private PostgresFailOver() {}

    public static void main(String[] args) throws SQLException {
        List<Integer> ports = Stream.of(args).map(Integer::valueOf).toList();
        run(ports.isEmpty() ? List.of(5432, 5433) : ports, System.out);
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
            try (HikariDataSource pool = pool(lb.port(), "postgres");
                    Connection connection = pool.getConnection()) {
                out.println("Written to: " + JdbcThroughHikari.serverPort(connection));
            }
        }
    }

    /** @param checkEvery how often each is asked for its role; two answers in a row that it is not the primary count */
    static LoadBalancer balancer(List<Integer> ports, Duration checkEvery) {
        var builder = LoadBalancer.builder()
                .name("primary")
                .selector(BackendSelector.first())
                .healthCheck(check -> check.checker(isPrimary("postgres"))
                        .interval(checkEvery)
                        .awaitFirstChecks(Duration.ofSeconds(10)))
                .onDown(OnDown.CLOSE)
                .onRecovery(OnRecovery.STAY)
                // A client with a list of hosts goes to the next one at once.
                .whenNoneHealthy(NoneHealthy.STOP_LISTENING)
                .timeouts(timeouts -> timeouts.noIdle());
        ports.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }

    /** Healthy when it can be written to. */
    static HealthChecker isPrimary(String user) {
        return (backend, timeout) -> {
            long seconds = Math.max(1, timeout.toSeconds());
            String url = "jdbc:postgresql://" + backend.hostAndPort() + "/postgres?sslmode=disable&user=" + user
                    + "&connectTimeout=" + seconds + "&socketTimeout=" + seconds;
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery("SELECT pg_is_in_recovery()")) {
                result.next();
                if (result.getBoolean(1)) {
                    throw new SQLException("a replica");
                }
            }
        };
    }

    static HikariDataSource pool(int port, String user) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres");
        config.setUsername(user);
        config.setMaximumPoolSize(4);
        // How long a fail-over may take before somebody who wants a connection is told. While there is no primary
        // HikariCP tries again after 10 ms, and then each time after twice as long, up to 5 s: so much later than the
        // promotion the first write may be.
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        return new HikariDataSource(config);
    }

    /**
     * Appends one row, and returns when it is in both databases. When it throws, the row may be there or not: repeat it
     * with the same number. A repeated one is written anew, and not passed over: what the primary has, and has not yet
     * sent to its replica, would be acknowledged at once, and lost with it.
     */
    static void append(DataSource pool, int number) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO entries VALUES (?, now())"
                        + " ON CONFLICT (number) DO UPDATE SET written = EXCLUDED.written")) {
            insert.setInt(1, number);
            insert.executeUpdate();
        }
    }
}
