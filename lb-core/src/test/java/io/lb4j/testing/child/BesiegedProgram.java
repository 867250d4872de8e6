package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.event.CloseReason;
import io.lb4j.stats.TcpProxyStats;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A balancer in the middle of trouble, until its input ends. Arguments: the ports of its backends. Prints its port; answers
 * {@code active} with how many connections are open, {@code ended} with how many have ended, {@code errors} with how many of
 * them for an internal error.
 */
public final class BesiegedProgram {
    private BesiegedProgram() {}

    public static void main(String[] arguments) throws IOException {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .name("besieged")
                .listen("127.0.0.1", 0)
                .eventLoops(2)
                .healthCheck(check -> check.interval(Duration.ofMillis(100)).timeout(Duration.ofMillis(500)));
        for (String port : arguments) {
            builder.backend("127.0.0.1", Integer.parseInt(port));
        }
        try (LoadBalancer lb = builder.start()) {
            System.out.println(lb.port());
            BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = questions.readLine(); line != null; line = questions.readLine()) {
                System.out.println(answer(line, lb.stats().proxy()));
            }
        }
    }

    private static long answer(String question, TcpProxyStats stats) {
        return switch (question) {
            case "active" -> stats.active();
            case "ended" -> stats.closedTotal();
            default -> stats.closed(CloseReason.INTERNAL_ERROR);
        };
    }
}
