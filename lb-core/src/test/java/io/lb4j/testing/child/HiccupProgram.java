package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.HealthChecker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A balancer that checks one backend, under several ids, nearly all the time, and takes one failed check for enough.
 * Arguments: the port of a backend that echoes, the milliseconds between checks, and those one of them may take. Answers
 * each line with how many checks have passed, and behind it the changes of status there were.
 */
public final class HiccupProgram {
    private static final int BACKENDS = 4;

    private HiccupProgram() {}

    public static void main(String[] arguments) throws IOException {
        List<String> changes = new CopyOnWriteArrayList<>();
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .healthCheck(check -> check.checker(HealthChecker.sendExpect("ping", "ping"))
                        .interval(Duration.ofMillis(Long.parseLong(arguments[1])))
                        .timeout(Duration.ofMillis(Long.parseLong(arguments[2])))
                        .unhealthyAfter(1))
                .listener(new LoadBalancerListener() {
                    @Override
                    public void backendStatusChanged(BackendStatusChanged event) {
                        changes.add(event.backend().id() + " " + event.to() + " " + event.reason());
                    }
                });
        for (int i = 0; i < BACKENDS; i++) {
            builder.backend(
                    Backend.of("127.0.0.1", Integer.parseInt(arguments[0])).withId("b" + i));
        }
        try (LoadBalancer lb = builder.start()) {
            System.out.println("port " + lb.port());
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                System.out.println(passed(lb) + " " + changes);
            }
        }
    }

    private static long passed(LoadBalancer lb) {
        return lb.stats().backends().values().stream()
                .mapToLong(stats -> stats.checksPassed())
                .sum();
    }
}
