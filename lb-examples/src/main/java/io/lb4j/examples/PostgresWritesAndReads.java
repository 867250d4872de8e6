package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.Pool;
import io.lb4j.PoolBuilder;
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
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A port to write to and a port to read from, over the same PostgreSQL servers: a primary and its replicas. Takes their
 * ports on this machine as arguments, 5432, 5433 and 5434 if there are none, and tells who is written to and who is read
 * from. It listens on any free ports here; elsewhere they would be 5432 and 5433 of a machine of its own.
 *
 * <p>Whoever asks for the port decides: a balancer does not look into the stream, and does not know which query writes.
 * The two pools ask the same servers different questions, so a server can be UP in one and DOWN in the other. What holds
 * for those that write, after a promotion above all, is said at {@link PostgresFailOver}. Who reads from a replica can get
 * what was there a moment ago, also when it has just written itself.
 */
public final class PostgresWritesAndReads {
    private PostgresWritesAndReads() {}

    public static void main(String[] args) throws SQLException {
        List<Integer> ports = Stream.of(args).map(Integer::valueOf).toList();
        run(ports.isEmpty() ? List.of(5432, 5433, 5434) : ports, System.out);
    }

    static void run(List<Integer> ports, PrintStream out) throws SQLException {
        try (LoadBalancer lb = balancer(ports, Duration.ofSeconds(1))) {
            for (String name : List.of("writes", "reads")) {
                Pool pool = lb.pool(name);
                List<BackendState> backends = pool.backends().list();
                backends.forEach(
                        state -> out.println(state.backend() + " is " + state.status() + " " + state.reason()));
                if (backends.stream().anyMatch(state -> state.status() == BackendStatus.UP)) {
                    out.println("Port of the " + name + ": answered by "
                            + answeredBy(lb.frontend(name).port()));
                }
            }
        }
    }

    /** @param checkEvery how often each is asked by each pool */
    static LoadBalancer balancer(List<Integer> ports, Duration checkEvery) {
        return LoadBalancer.builder()
                .name("postgres")
                // A client's own pool keeps connections for half an hour, and may not say a word meanwhile.
                .timeouts(timeouts -> timeouts.noIdle())
                .listen("127.0.0.1", 0, frontend -> frontend.name("writes").pool("writes"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("reads").pool("reads"))
                .pool("writes", pool -> over(ports, pool)
                        .selector(BackendSelector.first())
                        .healthCheck(check -> check.checker(PostgresFailOver.isPrimary("postgres"))
                                .interval(checkEvery)
                                .awaitFirstChecks(Duration.ofSeconds(10)))
                        .onDown(OnDown.CLOSE)
                        .onRecovery(OnRecovery.STAY)
                        // Its frontend alone: who reads goes on.
                        .whenNoneHealthy(NoneHealthy.STOP_LISTENING))
                .pool("reads", pool -> over(ports, pool)
                        .selector(BackendSelector.leastConnections())
                        .healthCheck(
                                check -> check.checker(HealthChecker.postgres().user("postgres"))
                                        .interval(checkEvery)
                                        .awaitFirstChecks(Duration.ofSeconds(10)))
                        .onDown(OnDown.CLOSE))
                .start();
    }

    private static PoolBuilder over(List<Integer> ports, PoolBuilder pool) {
        ports.forEach(port -> pool.backend("127.0.0.1", port));
        return pool;
    }

    static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?sslmode=disable&user=postgres&connectTimeout=10");
    }

    private static int answeredBy(int port) throws SQLException {
        try (Connection connection = connect(port)) {
            return JdbcThroughHikari.serverPort(connection);
        }
    }
}
