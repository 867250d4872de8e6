package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.proxy.DrainResult;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * {@code close()} ends now and resets what is open; {@code drain(grace)} is the polite end: nothing new is accepted,
 * open connections may finish, and those that are left when the grace is over are reset.
 */
public final class GracefulShutdown {
    private GracefulShutdown() {}

    public static void main(String[] args) throws IOException {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException {
        try (EmbeddedBackend backend = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", backend.port())
                        .start();
                Socket idle = new Socket("127.0.0.1", lb.port())) {
            CompletionStage<DrainResult> drained;
            try (Socket busy = new Socket("127.0.0.1", lb.port())) {
                out.println("Two clients are connected");
                drained = lb.drain(Duration.ofSeconds(2));
                out.println("Draining; the first client is still answered: " + Http.get(busy));
            }
            out.println("The second one, on port " + idle.getLocalPort() + ", is silent until the grace is over");

            DrainResult result = drained.toCompletableFuture().join();
            out.println("Drained: " + result.finished() + " finished, " + result.aborted() + " reset");
        }
    }
}
