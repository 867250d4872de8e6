package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.admin.AdminServer;
import io.lb4j.proxy.DrainResult;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * {@code close()} ends now and resets what is open; {@code drain(grace)} is the polite end: nothing new is accepted,
 * open connections may finish, and those that are left when the grace is over are reset. With a port as an argument it serves there until it gets a SIGTERM, as a
 * program does that is stopped by systemd or Kubernetes: {@code drainOnShutdown} needs no call at the end.
 *
 * <p>What stops the program must wait longer than both times and a second: {@code TimeoutStopSec=30} for systemd,
 * {@code terminationGracePeriodSeconds: 30} for Kubernetes, {@code docker stop --time 30}. Other shutdown hooks run at
 * the same time: what the connections need must not be closed in one.
 */
public final class GracefulShutdown {
    /** Longer than the interval at which those in front ask {@code /health}: they send nobody here any more after it. */
    private static final Duration LAME_DUCK = Duration.ofSeconds(5);

    /** As long as a request takes at most. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private GracefulShutdown() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0) {
            run(System.out);
            return;
        }
        serve(Integer.parseInt(args[0]), System.out);
    }

    private static void serve(int port, PrintStream out) throws IOException, InterruptedException {
        EmbeddedBackend backend = EmbeddedBackend.start();
        LoadBalancer lb = LoadBalancer.builder()
                .name("edge")
                .listen("127.0.0.1", port)
                .backend("127.0.0.1", backend.port())
                .drainOnShutdown(LAME_DUCK, GRACE)
                .start();
        AdminServer admin = AdminServer.builder(lb).listen("127.0.0.1", 0).start();
        out.println("Send:  curl localhost:" + lb.port());
        out.println("See:   curl localhost:" + admin.port() + "/health");
        out.println("Stop:  kill " + ProcessHandle.current().pid());
        new CountDownLatch(1).await();
    }

    static void run(PrintStream out) throws IOException {
        try (EmbeddedBackend backend = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", backend.port())
                        .start();
                Socket idle = new Socket("127.0.0.1", lb.port())) {
            CompletableFuture<DrainResult> drained;
            try (Socket busy = new Socket("127.0.0.1", lb.port())) {
                out.println("Two clients are connected");
                drained = lb.drain(Duration.ofSeconds(2));
                out.println("Draining; the first client is still answered: " + Http.get(busy));
            }
            out.println("The second one, on port " + idle.getLocalPort() + ", is silent until the grace is over");

            DrainResult result = drained.join();
            out.println("Drained: " + result.finished() + " finished, " + result.aborted() + " reset");
        }
    }
}
