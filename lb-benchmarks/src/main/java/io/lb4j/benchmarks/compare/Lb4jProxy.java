package io.lb4j.benchmarks.compare;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import java.io.IOException;

/**
 * The program {@link Lb4j} runs: a balancer before some ports. Arguments: the number of event loops, the ports. It
 * prints the port it listens on, and then what it is asked for.
 */
final class Lb4jProxy {
    private Lb4jProxy() {}

    public static void main(String[] arguments) throws IOException {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .eventLoops(Integer.parseInt(arguments[0]))
                .noHealthCheck();
        for (int i = 1; i < arguments.length; i++) {
            builder.backend("127.0.0.1", Integer.parseInt(arguments[i]));
        }
        try (LoadBalancer balancer = builder.start()) {
            System.out.println(balancer.port());
            new Answers("-io-", () -> 0).serve();
        }
    }
}
