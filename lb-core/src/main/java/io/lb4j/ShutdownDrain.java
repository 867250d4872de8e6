package io.lb4j;

import io.lb4j.internal.util.Names;
import java.time.Duration;

/** Drains a balancer when the JVM shuts down. Forgotten when the balancer ends before. */
final class ShutdownDrain {
    private static final Duration LAST_MOMENT = Duration.ofSeconds(1);

    private ShutdownDrain() {}

    static void install(LoadBalancer balancer, Duration lameDuck, Duration grace) {
        Thread hook = new Thread(() -> drain(balancer, lameDuck, grace), Names.thread(balancer.name(), "shutdown"));
        Runtime.getRuntime().addShutdownHook(hook);
        var unused = balancer.whenClosed().thenRun(() -> remove(hook));
    }

    private static void drain(LoadBalancer balancer, Duration lameDuck, Duration grace) {
        try {
            var unused = balancer.drain(lameDuck, grace);
            balancer.awaitClosed(lameDuck.plus(grace).plus(LAST_MOMENT));
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // Then it is the hook itself that ended the balancer, or nothing is left for it to do.
        }
    }
}
