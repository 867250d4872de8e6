package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Settings of an {@link AdminServer}, and what starts it. Not thread-safe. */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class AdminServerBuilder {
    private static final int SHORTEST_TOKEN = 8;

    private final List<LoadBalancer> balancers;
    private final List<String> hosts = new ArrayList<>();
    private String host = "127.0.0.1";
    private int port = 8404;
    private @Nullable String token;
    private AdminClock clock = AdminClock.ofSystem();

    AdminServerBuilder(List<LoadBalancer> balancers) {
        Set<String> names = new HashSet<>();
        for (LoadBalancer balancer : balancers) {
            String name = Checks.notNull("balancer", balancer).name();
            if (!names.add(name)) {
                throw new IllegalArgumentException("balancer: " + name
                        + " (expected: each name once; give each balancer a name of its own, by"
                        + " LoadBalancer.builder().name(...))");
            }
        }
        this.balancers = List.copyOf(balancers);
    }

    /** Another time, for tests. */
    AdminServerBuilder clock(AdminClock clock) {
        this.clock = clock;
        return this;
    }

    /**
     * Where to listen. Default: 127.0.0.1, port 8404.
     *
     * @param host an address or host name of this machine
     * @param port 0..65535; 0 is any free one
     * @throws IllegalArgumentException when the port is not within 0..65535
     */
    public AdminServerBuilder listen(String host, int port) {
        this.host = Checks.notNull("host", host);
        this.port = Checks.range("port", port, 0, 65_535);
        return this;
    }

    /**
     * What a request must know that changes something, or asks for single clients. Default: none, and neither can be done.
     *
     * @param token 8 or more printable ASCII characters without spaces; make it long and random
     * @throws IllegalArgumentException when it is not
     */
    public AdminServerBuilder token(String token) {
        Checks.notNull("token", token);
        if (token.length() < SHORTEST_TOKEN || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "token (expected: " + SHORTEST_TOKEN + " or more printable ASCII characters without spaces)");
        }
        this.token = token;
        return this;
    }

    /**
     * One more name that requests may know the server by, with any port; repeat for more. Default: the host it listens
     * on and {@code localhost}, with its port, and every address: names are what a browser can be deceived with.
     *
     * @param name what a browser sends as {@code Host}, without a port
     */
    public AdminServerBuilder allowHost(String name) {
        hosts.add(Checks.notNull("allowHost", name));
        return this;
    }

    /**
     * Starts the server.
     *
     * @throws UncheckedIOException when it cannot listen
     * @throws IllegalStateException when one of the balancers is closed
     */
    public AdminServer start() {
        for (LoadBalancer balancer : balancers) {
            if (balancer.isClosed()) {
                throw new IllegalStateException(balancer.name() + " is closed");
            }
        }
        InetSocketAddress listen = new InetSocketAddress(host, port);
        try {
            if (listen.isUnresolved()) {
                throw new IOException("unknown host");
            }
            return AdminServer.start(balancers, listen, new Access(host, hosts, token), clock);
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "admin: cannot listen on " + Hosts.join(host, port) + ": " + failure.getMessage(), failure);
        }
    }
}
