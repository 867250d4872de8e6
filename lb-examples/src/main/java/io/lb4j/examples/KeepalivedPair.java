package io.lb4j.examples;

import io.lb4j.LoadBalancer;
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

/**
 * Two machines with a balancer each, and a virtual address that belongs to the one whose {@code /health} says 200. The
 * same file on both, but for the priority:
 *
 * <pre>
 * global_defs {
 *     script_user nobody
 *     enable_script_security
 * }
 * vrrp_script lb4j {
 *     script "/usr/bin/curl -fs -m 1 -o /dev/null http://127.0.0.1:8404/health"
 *     interval 1
 *     fall 2
 *     rise 2
 * }
 * vrrp_instance edge {
 *     state BACKUP              # on both, so that the address does not move back by itself
 *     nopreempt
 *     interface eth0
 *     virtual_router_id 51
 *     priority 100              # 99 on the other one
 *     advert_int 1
 *     virtual_ipaddress {
 *         192.0.2.10/24
 *     }
 *     track_script {
 *         lb4j
 *     }
 * }
 * </pre>
 *
 * <p>{@code drainOnShutdown(lameDuck, grace)} with a lame-duck time of 5 s, longer than {@code interval} times
 * {@code fall} and the two adverts that the other one waits for, so that nobody is sent to a closed port. The balancers
 * listen on all addresses, as the virtual one is not there when the second starts.
 *
 * <p>An address moves at once and for everybody: a connection that is open, or just being made, goes to a machine that
 * does not know it, and ends with a reset or is tried again. Where connections must live through it, let something stand
 * in front that sends new connections elsewhere and leaves the old ones: a cloud's network balancer, or keepalived's
 * {@code virtual_server} with {@code inhibit_on_failure} and an {@code HTTP_GET} of {@code /health}. So it is played here:
 * whoever connects is sent to the first balancer that is well.
 */
public final class KeepalivedPair implements AutoCloseable {
    private final LoadBalancer balancer;
    private final AdminServer admin;

    private KeepalivedPair(LoadBalancer balancer) {
        this.balancer = balancer;
        // Port 8404 in real life.
        admin = AdminServer.builder(balancer).listen("127.0.0.1", 0).start();
    }

    public static void main(String[] args) throws IOException {
        run(System.out);
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

    /** One of the two. They know nothing of each other: the same discovery and {@code sticky()} make them agree. */
    static KeepalivedPair start(String name, BackendDiscovery backends) {
        return new KeepalivedPair(LoadBalancer.builder()
                .name(name)
                .discovery(backends)
                .selector(BackendSelector.sticky())
                .start());
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
