package io.lb4j.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.OnDown;
import io.lb4j.selection.BackendSelector;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A HikariCP pool whose connections go to several PostgreSQL servers that can all answer: replicas that are read from.
 * Takes their ports on this machine as arguments, 5432 and 5433 if there are none, and tells who answers.
 *
 * <p>When a server is killed, whoever is in the middle of a query gets an {@code SQLException}, and so does each pooled
 * connection to it that was used within the last 500 ms, once: HikariCP tests only those that were idle for longer. Then
 * the pool replaces them, and the new ones go to the other servers. Nothing is repeated for the application: retry what
 * may be repeated. A server that hangs is not noticed by a driver that waits for an answer; its checks fail, and
 * {@code onDown(CLOSE)} resets its connections.
 */
public final class JdbcThroughHikari {
    /** The pool is the first to end a connection: one that the balancer resets is found out by a query that fails. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(10);

    private JdbcThroughHikari() {}

    public static void main(String[] args) throws SQLException {
        List<Integer> ports = Stream.of(args).map(Integer::valueOf).toList();
        run(ports.isEmpty() ? List.of(5432, 5433) : ports, System.out);
    }

    static void run(List<Integer> ports, PrintStream out) throws SQLException {
        try (LoadBalancer lb = balancer(ports, Duration.ofSeconds(2))) {
            List<BackendState> backends = lb.backends().list();
            backends.forEach(state -> out.println("Backend " + state.backend() + " is " + state.status()));
            if (backends.stream().noneMatch(state -> state.status() == BackendStatus.UP)) {
                out.println("So there is nobody to ask");
                return;
            }
            try (HikariDataSource pool = pool(lb.port())) {
                out.println("Four connections of the pool: " + answers(pool, 4));
            }
        }
    }

    /** @param checkEvery how often each server is asked, and how long it may take to answer */
    static LoadBalancer balancer(List<Integer> ports, Duration checkEvery) {
        var builder = LoadBalancer.builder()
                .name("replicas")
                // Pooled connections live long: what counts is who has the fewest, not whose turn it is.
                .selector(BackendSelector.leastConnections())
                .healthCheck(check -> check.checker(DatabaseHealthCheck.answersAQuery("postgres", "postgres"))
                        .interval(checkEvery)
                        .awaitFirstChecks(Duration.ofSeconds(10)))
                .onDown(OnDown.CLOSE)
                .timeouts(timeouts -> timeouts.idle(LONGEST_SILENCE));
        ports.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }

    static HikariDataSource pool(int port) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres");
        config.setUsername("postgres");
        config.setMaximumPoolSize(4);
        // A connection that nobody borrows is used nevertheless, well before the balancer would find it idle.
        config.setKeepaliveTime(LONGEST_SILENCE.dividedBy(5).toMillis());
        // Each is replaced now and then: this is how a server that came back gets its share.
        config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
        // Longer than the balancer takes to try the next server.
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        return new HikariDataSource(config);
    }

    /** On which port each of some connections that are open side by side was answered. */
    private static Map<Integer, Integer> answers(HikariDataSource pool, int count) throws SQLException {
        List<Connection> borrowed = new ArrayList<>();
        try {
            Map<Integer, Integer> answers = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                borrowed.add(pool.getConnection());
                answers.merge(serverPort(borrowed.get(i)), 1, Integer::sum);
            }
            return answers;
        } finally {
            for (Connection connection : borrowed) {
                connection.close();
            }
        }
    }

    static int serverPort(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT inet_server_port()")) {
            result.next();
            return result.getInt(1);
        }
    }
}
