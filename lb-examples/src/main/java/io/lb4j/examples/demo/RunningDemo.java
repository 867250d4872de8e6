package io.lb4j.examples.demo;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.PoolConfig;
import io.lb4j.admin.AdminServer;
import io.lb4j.admin.AdminServerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.examples.EmbeddedBackend;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.PortRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A balancer, and the embedded backends it was started with. */
final class RunningDemo implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int PROBE_MILLIS = 1000;
    private static final int ADMIN_PORTS = 10;

    private final LoadBalancer balancer;
    private final List<EmbeddedBackend> embedded;
    private AdminServer admin;
    private String adminNote = "";

    private RunningDemo(LoadBalancer balancer, List<EmbeddedBackend> embedded) {
        this.balancer = balancer;
        this.embedded = embedded;
    }

    /**
     * Adds these ports of 127.0.0.1 to the builder's backends and starts it. Where nothing listens, an embedded backend
     * is started first; 0 is an embedded backend on any free port.
     *
     * @throws IllegalStateException where {@link LoadBalancerBuilder#start()} says that the settings cannot be; nothing is left open, here and below
     * @throws UncheckedIOException as {@link LoadBalancerBuilder#start()}
     * @throws IOException when an embedded backend cannot start, but for its port being in use
     */
    static RunningDemo start(LoadBalancerBuilder builder, List<Integer> ports) throws IOException {
        List<EmbeddedBackend> embedded = new ArrayList<>();
        try {
            for (int port : ports) {
                builder.backend(LOOPBACK, listens(port) ? port : startEmbedded(port, embedded));
            }
            return new RunningDemo(started(builder), List.copyOf(embedded));
        } catch (IOException | RuntimeException failure) {
            embedded.forEach(EmbeddedBackend::close);
            throw failure;
        }
    }

    private static LoadBalancer started(LoadBalancerBuilder builder) {
        try {
            return builder.start();
        } catch (IllegalArgumentException twoHaveTheSameId) {
            throw new IllegalStateException(twoHaveTheSameId.getMessage(), twoHaveTheSameId);
        }
    }

    /** Asked by connecting: some systems let one program listen on a port of all addresses and another on loopback's. */
    private static boolean listens(int port) {
        if (port == 0) {
            return false;
        }
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(LOOPBACK, port), PROBE_MILLIS);
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }

    private static int startEmbedded(int port, List<EmbeddedBackend> embedded) throws IOException {
        try {
            EmbeddedBackend backend = EmbeddedBackend.start(port);
            embedded.add(backend);
            return backend.port();
        } catch (BindException somebodyWasQuicker) {
            return port;
        }
    }

    /**
     * Serves a status page.
     *
     * @param insist what to do when its place is taken: fail, or take the next port that is free
     * @throws UncheckedIOException when it cannot be served and is insisted on
     */
    void admin(AdminServerBuilder page, HostAndPort place, boolean insist) {
        for (int port = place.port(); admin == null && port < place.port() + ADMIN_PORTS; port++) {
            try {
                admin = page.listen(place.host(), port).start();
            } catch (UncheckedIOException taken) {
                if (insist) {
                    throw taken;
                }
                adminNote = ", because " + (port == place.port() ? port : place.port() + " to " + port) + " is in use";
            }
        }
    }

    /** The status page, or null. */
    AdminServer admin() {
        return admin;
    }

    LoadBalancer balancer() {
        return balancer;
    }

    List<EmbeddedBackend> embedded() {
        return embedded;
    }

    /** What it listens on, its backends, and what to try: a few lines for people. */
    String description() {
        return """
                %sTry:  %s   (again and again)
                %sSee:  %s
                More: --verbose logs every connection; with %s=(8 characters or more) in the environment that page can
                      take a backend out and put it back
                Stop: Ctrl-C
                """.formatted(frontends(), curl(), killOne(), status(), Demo.TOKEN_VARIABLE);
    }

    /** Who leads to more than one pool; and each pool, who leads there alone, and its backends. */
    private String frontends() {
        StringBuilder text = new StringBuilder();
        balancer.frontends().stream().filter(RunningDemo::hasRules).forEach(frontend -> text.append("Listening on ")
                .append(places(frontend))
                .append(", ")
                .append(frontend.config().destination())
                .append('\n'));
        for (PoolConfig pool : balancer.config().pools().values()) {
            String places = balancer.frontends().stream()
                    .filter(frontend -> frontend.config().destination().equals("pool " + pool.name()))
                    .map(RunningDemo::places)
                    .collect(Collectors.joining(", "));
            boolean isDefault = pool.name().equals(Backend.DEFAULT_POOL);
            text.append(places.isEmpty() ? "" : "Listening on " + places + ", ")
                    .append(isDefault ? "backends:\n" : "pool " + pool.name() + ":\n");
            pool.backends().forEach(backend -> text.append(describe(backend)));
        }
        return text.toString();
    }

    private static boolean hasRules(Frontend frontend) {
        return !frontend.config().destination().startsWith("pool ");
    }

    /** An embedded backend ends itself when it is asked to, so that one can see what becomes of clients. */
    private String killOne() {
        return embedded.isEmpty()
                ? ""
                : "      curl %s:%d/stop   (a backend ends; go on with the line above, and look at the log)%n"
                        .formatted(LOOPBACK, embedded.get(0).port());
    }

    private String describe(Backend backend) {
        String weight = backend.weight() == 1 ? "" : ", weight " + backend.weight();
        String embeddedHere = isEmbedded(backend) ? ", embedded: answers with its port" : "";
        String told = backend.proxyProtocol()
                .map(version -> ", proxy " + version.key())
                .orElse("");
        String encrypted = backend.tls().map(tls -> ", TLS " + tls).orElse("");
        return "  " + backend.hostAndPort() + weight + told + encrypted + embeddedHere + "\n";
    }

    private boolean isEmbedded(Backend backend) {
        return embedded.stream().anyMatch(one -> one.port() == backend.port());
    }

    private String status() {
        return admin == null
                ? "no status page (--admin HOST:PORT gives one)" + adminNote
                : "http://" + place(admin.address()) + "/" + adminNote;
    }

    private static String place(InetSocketAddress address) {
        return Backend.of(address.getAddress().getHostAddress(), address.getPort())
                .hostAndPort();
    }

    /** For the first frontend: as a proxy if only proxies may connect, with TLS and a name if that is asked for. */
    private String curl() {
        Frontend first = balancer.frontends().get(0);
        String curl = first.config().entry().proxyProtocol().isPresent() ? "curl --haproxy-protocol " : "curl ";
        String place = balancer.address().getAddress().isAnyLocalAddress()
                ? "localhost:" + balancer.port()
                : Backend.of(first.config().host(), balancer.port()).hostAndPort();
        if (hasRules(first)) {
            return curl + "-k --connect-to '::" + place + "' https://NAME/";
        }
        // Brackets mean something else to curl, and to the shell.
        if (first.config().entry().tls().isPresent()) {
            return curl + "-k https://" + place + "/";
        }
        return place.startsWith("[") ? curl + "-g '" + place + "'" : curl + place;
    }

    /** The host as it was given, as a listener on 0.0.0.0 can call itself [::]; and each port as it was found. */
    private static String places(Frontend frontend) {
        PortRange ports = frontend.config().ports();
        String first = Backend.of(frontend.config().host(), frontend.port()).hostAndPort();
        return ports.size() == 1 ? first : first + "-" + ports.last();
    }

    /** What is waited for when the process is told to end: a line for people. */
    String drainDescription(Duration lameDuck, Duration grace) {
        long open = balancer.stats().proxy().active();
        String accepting = lameDuck.isZero() ? "" : "accepting for " + FlagValues.text(lameDuck) + " more, then ";
        String left = open == 0 ? "none is open" : open + (open == 1 ? " is open" : " are open");
        return "Draining: " + accepting + "waiting up to " + FlagValues.text(grace) + " for connections, " + left;
    }

    /** Goes on accepting for a while, lets connections finish for as long as the grace allows, then closes everything. */
    DrainResult drain(Duration lameDuck, Duration grace) {
        DrainResult result = balancer.drain(lameDuck, grace)
                .toCompletableFuture()
                .orTimeout(lameDuck.plus(grace).toSeconds() + 2, TimeUnit.SECONDS)
                .join();
        close();
        return result;
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
        balancer.close();
        embedded.forEach(EmbeddedBackend::close);
    }
}
