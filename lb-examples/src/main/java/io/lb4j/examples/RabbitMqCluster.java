package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.Pool;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.health.HealthChecker;
import io.lb4j.health.HttpHealthChecker;
import io.lb4j.selection.BackendSelector;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The nodes of a RabbitMQ cluster behind one address: port 5672 for AMQP, port 15672 for the pages and the HTTP API of its
 * management plugin. Takes the hosts of the nodes as arguments, this machine if there are none, and tells how they are. It
 * listens on any free ports here; elsewhere they would be the same two.
 *
 * <p>A port that is open is not a node that can serve, and AMQP is long-winded. So the node is asked over HTTP whether it
 * serves AMQP, {@code /api/health/checks/protocol-listener/amqp}: 200 when it does, 503 when not (RabbitMQ's documentation,
 * "HTTP API Reference, Health Check Endpoints"). From version 4.1 on there is {@code ready-to-serve-clients} too, which
 * knows the node's limit of connections. Whoever asks is a user with the tag {@code monitoring}. Not asked is whether there
 * is an alarm: while memory is short, consumers have to be let in to make room. A node in maintenance mode
 * ({@code rabbitmq-upgrade drain}) closes both ports, and is DOWN for both pools.
 *
 * <p>A connection that is open stays when a check fails: the plugin may have failed alone. Where the broker itself is gone,
 * its kernel or the client's heartbeat says so.
 */
public final class RabbitMqCluster {
    private static final int AMQP = 5672;
    private static final int MANAGEMENT = 15672;

    /** Of a check. A node that is busy is not a dead one. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private RabbitMqCluster() {}

    /** A node of the cluster. */
    record Node(String host, int amqpPort, int managementPort) {
        Backend amqp() {
            return Backend.of(host, amqpPort);
        }

        Backend management() {
            return Backend.of(host, managementPort);
        }
    }

    public static void main(String[] args) {
        List<Node> nodes =
                Stream.of(args).map(host -> new Node(host, AMQP, MANAGEMENT)).toList();
        run(nodes.isEmpty() ? List.of(new Node("127.0.0.1", AMQP, MANAGEMENT)) : nodes, System.out);
    }

    static void run(List<Node> nodes, PrintStream out) {
        try (LoadBalancer lb = balancer(nodes, "guest", "guest", Duration.ofSeconds(2))) {
            for (Pool pool : lb.pools()) {
                for (BackendState state : pool.backends().list()) {
                    out.println(state.backend() + " is " + state.status() + " " + state.reason());
                }
            }
        }
    }

    /** @param checkEvery how often each node is asked; one that says no three times is DOWN */
    static LoadBalancer balancer(List<Node> nodes, String user, String password, Duration checkEvery) {
        Map<String, Backend> managementOf =
                nodes.stream().collect(Collectors.toMap(node -> node.amqp().hostAndPort(), Node::management));
        return LoadBalancer.builder()
                .name("rabbit")
                // A consumer waits for days, and not all clients have heartbeats.
                .listen("127.0.0.1", 0, frontend -> frontend.name("amqp")
                        .pool("amqp")
                        .timeouts(timeouts -> timeouts.noIdle()))
                .listen("127.0.0.1", 0, frontend -> frontend.name("management")
                        .pool("management")
                        .timeouts(timeouts -> timeouts.idle(Duration.ofMinutes(2))))
                .pool("amqp", pool -> {
                    nodes.forEach(node -> pool.backend(node.amqp()));
                    // Connections live long: what counts is who has the fewest, not whose turn it is.
                    pool.selector(BackendSelector.leastConnections())
                            .healthCheck(check -> check.checker(servesAmqp(user, password))
                                    .address(backend -> managementOf.get(backend.hostAndPort()))
                                    .interval(checkEvery)
                                    .timeout(TIMEOUT)
                                    .timeout(TIMEOUT)
                                    .unhealthyAfter(3)
                                    .awaitFirstChecks(Duration.ofSeconds(10)));
                })
                .pool("management", pool -> {
                    nodes.forEach(node -> pool.backend(node.management()));
                    // Its first page, for which nobody has to log in.
                    pool.healthCheck(check -> check.checker(HealthChecker.http("/"))
                            .interval(checkEvery)
                            .timeout(TIMEOUT)
                            .awaitFirstChecks(Duration.ofSeconds(10)));
                })
                .start();
    }

    private static HttpHealthChecker servesAmqp(String user, String password) {
        byte[] credentials = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return HealthChecker.http("/api/health/checks/protocol-listener/amqp")
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    }
}
