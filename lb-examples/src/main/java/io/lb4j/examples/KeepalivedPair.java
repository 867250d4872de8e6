package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.selection.BackendSelector;
import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Two machines with a balancer each, and a virtual address that belongs to the one whose {@code /health} says 200. What
 * keepalived is told of it is the file {@code keepalived.conf} among the resources of this module, the same on both
 * machines but for the priority; a test runs it.
 *
 * <p>{@code drainOnShutdown(lameDuck, grace)} with a lame-duck time of 5 s, longer than {@code interval} times
 * {@code fall} and the advert that the other one waits for, so that nobody is sent to a closed port. The balancers
 * listen on all addresses, as the virtual one is not there when the second starts. When a balancer dies without a word, new
 * connections succeed through the other one after at most {@code interval} times {@code fall} and that advert, 3 s here,
 * and a client's second SYN.
 *
 * <p>An address moves at once and for everybody: a connection that is open, or just being made, goes to a machine that
 * does not know it, and ends with a reset or is tried again. Where connections must live through it, let something stand
 * in front that sends new connections elsewhere and leaves the old ones: a cloud's network balancer, or keepalived's
 * {@code virtual_server} with {@code inhibit_on_failure} and an {@code HTTP_GET} of {@code /health}. So it is played by the
 * program without arguments: whoever connects is sent to the first balancer that is well. With a name and the backends, as
 * {@code host:port}, it is one of the two for keepalived and serves them on port 8080 until it is stopped.
 */
public final class KeepalivedPair implements AutoCloseable {
    /** Longer than keepalived takes to move the address. */
    private static final Duration LAME_DUCK = Duration.ofSeconds(5);

    /** Short: who is still connected when the address has moved is heard by nobody any more. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final LoadBalancer balancer;
    private final AdminServer admin;

    private KeepalivedPair(LoadBalancer balancer) {
        this.balancer = balancer;
        admin = AdminServer.builder(balancer).listen("127.0.0.1", 0).start();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0) {
            run(System.out);
        } else {
            serve(args[0], List.of(args).subList(1, args.length));
        }
    }

    private static void serve(String name, List<String> backends) throws InterruptedException {
        try (LoadBalancer lb = balancer(
                                name,
                                BackendDiscovery.fixed(
                                        backends.stream().map(Backend::parse).toList()))
                        .listen(8080)
                        .drainOnShutdown(LAME_DUCK, GRACE)
                        .start();
                AdminServer admin =
                        AdminServer.builder(lb).listen("127.0.0.1", 8404).start()) {
            System.out.println("Listening on port " + lb.port() + ", /health on port " + admin.port());
            new CountDownLatch(1).await();
        }
    }

    static void run(PrintStream out) throws IOException {
        try (EmbeddedBackend one = EmbeddedBackend.start();
                EmbeddedBackend two = EmbeddedBackend.start()) {
            BackendDiscovery backends = BackendDiscovery.fixed(
                    List.of(Backend.of("127.0.0.1", one.port()), Backend.of("127.0.0.1", two.port())));
            try (KeepalivedPair left = start("left", backends);
                    KeepalivedPair right = start("right", backends)) {
                List<KeepalivedPair> pair = List.of(left, right);
                out.println("The address is at " + holder(pair).balancer.name());
                out.println("Answered by backend " + Http.get(holder(pair).port()));
                left.balancer.drain(Duration.ofSeconds(5), Duration.ofSeconds(10));
                out.println(
                        "left ends; the address is at " + holder(pair).balancer.name());
                out.println("Answered by backend " + Http.get(holder(pair).port()));
            }
        }
    }

    static KeepalivedPair start(String name, BackendDiscovery backends) {
        return new KeepalivedPair(balancer(name, backends).start());
    }

    /** One of the two. They know nothing of each other: the same discovery and {@code sticky()} make them agree. */
    private static LoadBalancerBuilder balancer(String name, BackendDiscovery backends) {
        return LoadBalancer.builder().name(name).discovery(backends).selector(BackendSelector.sticky());
    }

    /** The first one that is well: what keepalived finds out. */
    static KeepalivedPair holder(List<KeepalivedPair> pair) throws IOException {
        for (KeepalivedPair one : pair) {
            if (one.isWell()) {
                return one;
            }
        }
        throw new IOException("both are out");
    }

    private boolean isWell() {
        try {
            URI health = URI.create("http://127.0.0.1:" + admin.port() + "/health");
            return ((HttpURLConnection) health.toURL().openConnection()).getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException endedWithItsBalancer) {
            return false;
        }
    }

    LoadBalancer balancer() {
        return balancer;
    }

    int port() {
        return balancer.port();
    }

    @Override
    public void close() {
        balancer.close();
        admin.close();
    }
}
