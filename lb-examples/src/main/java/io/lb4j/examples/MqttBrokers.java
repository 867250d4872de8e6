package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.health.HealthChecker;
import io.lb4j.health.OnDown;
import io.lb4j.selection.BackendSelector;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * MQTT clients that stay connected for days, over several brokers. Takes the brokers' ports on this machine as arguments,
 * 1883 and 1884 if there are none, and tells how they are.
 *
 * <p>When a broker dies, its clients connect anew by themselves and the others take them. When it is back it has none: a
 * client that is content does not move. {@link #spread} makes some of them connect once more, those first that have been
 * silent longest, and each then goes to the broker with the fewest.
 *
 * <p>A balancer moves connections, not what a broker knows: sessions, retained messages and subscriptions of others are on
 * a new broker only if the brokers share them (a cluster, a bridge). Clients that subscribe whenever they are connected
 * need not care.
 */
public final class MqttBrokers {
    private MqttBrokers() {}

    public static void main(String[] args) {
        List<Integer> ports = Stream.of(args).map(Integer::valueOf).toList();
        run(ports.isEmpty() ? List.of(1883, 1884) : ports, System.out);
    }

    static void run(List<Integer> ports, PrintStream out) {
        try (LoadBalancer lb = balancer(ports, Duration.ofSeconds(2))) {
            for (BackendState state : lb.backends().list()) {
                out.println("Broker " + state.backend() + " is " + state.status() + " " + state.reason());
            }
            String first = lb.backends().list().get(0).backend().id();
            int moved = spread(lb, first, Duration.ZERO).join();
            out.println("Clients of the first that connect anew: " + moved + ", as there are none yet");
        }
    }

    /** @param checkEvery how often each broker is asked; who fails twice is DOWN */
    static LoadBalancer balancer(List<Integer> ports, Duration checkEvery) {
        var builder = LoadBalancer.builder()
                .name("mqtt")
                // Connections live long: what counts is who has the fewest, not whose turn it is.
                .selector(BackendSelector.leastConnections())
                .healthCheck(check -> check.checker(HealthChecker.mqtt())
                        .interval(checkEvery)
                        .awaitFirstChecks(Duration.ofSeconds(10)))
                // A client of a broker that hangs would wait for its own keep-alive to find out.
                .onDown(OnDown.CLOSE)
                // Longer than the keep-alive that clients ask for: the broker is the one to miss them.
                .timeouts(timeouts -> timeouts.idle(Duration.ofMinutes(30)));
        ports.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }

    /**
     * Half of a broker's clients connect anew: for the one of two that had to take all, once the other is back. By hand,
     * or at night; over minutes where there are thousands, so that they do not all come at once.
     *
     * @return completes with how many
     */
    static CompletableFuture<Integer> spread(LoadBalancer lb, String broker, Duration over) {
        return lb.connections().rebalance(broker, 50, over);
    }
}
