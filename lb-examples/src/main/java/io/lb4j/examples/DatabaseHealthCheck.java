package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.health.HealthChecker;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;

/**
 * A PostgreSQL is healthy when it answers a query: a health check is plain blocking Java, so it can be JDBC. Takes the
 * server's port on this machine as an argument, 5432 if there is none, and shows what the check makes of it.
 */
public final class DatabaseHealthCheck {
    private DatabaseHealthCheck() {}

    public static void main(String[] args) {
        run(args.length == 0 ? 5432 : Integer.parseInt(args[0]), System.out);
    }

    static void run(int port, PrintStream out) {
        try (LoadBalancer lb = LoadBalancer.builder()
                .backend("127.0.0.1", port)
                .healthCheck(check -> check.checker(answersAQuery("postgres", "postgres"))
                        .interval(Duration.ofSeconds(2))
                        // start() returns when it is known whether the database answers.
                        .awaitFirstChecks(Duration.ofSeconds(10)))
                .start()) {
            for (BackendState state : lb.backends().list()) {
                out.println("Backend " + state.backend() + " is " + state.status() + " " + state.reason());
            }
        }
    }

    /** Healthy when the database answers within the check's timeout; else the driver's message says why not. */
    static HealthChecker answersAQuery(String database, String user) {
        return (backend, timeout) -> {
            String seconds = String.valueOf(Math.max(1, timeout.toSeconds()));
            Properties settings = new Properties();
            settings.setProperty("user", user);
            settings.setProperty("connectTimeout", seconds);
            settings.setProperty("socketTimeout", seconds);
            // Or "require": by default the driver tries both, and a database that hangs has its timeouts twice.
            settings.setProperty("sslmode", "disable");
            String url = "jdbc:postgresql://" + backend.hostAndPort() + "/" + database;
            try (Connection connection = DriverManager.getConnection(url, settings);
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT 1");
            }
        };
    }
}
