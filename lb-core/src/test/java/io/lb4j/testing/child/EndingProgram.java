package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.proxy.DrainResult;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Starts a balancer and does nothing more. Arguments: the port of the backend, and how it ends: {@code return} from
 * main when a line comes in; {@code hook}, wait to be terminated and let a shutdown hook end the balancer; or
 * {@code drain}, wait to be terminated and let the balancer drain itself.
 */
public final class EndingProgram {
    private EndingProgram() {}

    public static void main(String[] arguments) throws Exception {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .name("child")
                .backend("127.0.0.1", Integer.parseInt(arguments[0]))
                .healthCheck(check -> check.interval(Duration.ofMillis(10)));
        if (arguments[1].equals("drain")) {
            builder.drainOnShutdown(Duration.ofSeconds(20));
        }
        LoadBalancer lb = builder.start();
        boolean hook = arguments[1].equals("hook");
        if (hook) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(lb)));
        }
        System.out.println("port " + lb.port());
        do {
            System.in.read();
        } while (!arguments[1].equals("return"));
    }

    private static void end(LoadBalancer lb) {
        try {
            DrainResult result =
                    lb.drain(Duration.ofMillis(100)).toCompletableFuture().get(10, TimeUnit.SECONDS);
            lb.close();
            System.out.println("aborted " + result.aborted() + " closed " + lb.isClosed());
        } catch (Exception failure) {
            System.out.println("failed " + failure);
        }
    }
}
