package io.lb4j.proxy;

import io.lb4j.internal.util.Checks;
import io.lb4j.stats.FrontendStats;
import io.lb4j.tls.FrontendTls;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A frontend of a running proxy or balancer: where clients connect to. It goes on until the proxy ends, or until it is
 * drained or closed by itself. Every method can be called from any thread, listeners included.
 */
public final class Frontend implements AutoCloseable {
    private final ProxyEnd end;
    private final Entrance entrance;
    private final ProxyFrontends all;

    Frontend(ProxyFrontends all, ProxyEnd end, Entrance entrance) {
        this.all = all;
        this.end = end;
        this.entrance = entrance;
    }

    /** Its name, which no other frontend of this proxy has at the same time. */
    public String name() {
        return entrance.name();
    }

    /** The first of its addresses, with the port that was found if any free one was asked for. */
    public InetSocketAddress address() {
        return entrance.ports().get(0).address();
    }

    /** The port of its first address, 1..65535. */
    public int port() {
        return address().getPort();
    }

    /**
     * Where it listens: each port at each address that its host stands for, in the order of the ports; unmodifiable. It
     * stays what it was when it is closed.
     */
    public List<InetSocketAddress> addresses() {
        return entrance.ports().stream().map(Port::address).toList();
    }

    /** The settings it runs with. */
    public FrontendConfig config() {
        return entrance.config();
    }

    /**
     * Changes settings while it runs: who may come in, and how many. All of them or, when something throws, none; they hold for
     * clients that come from now on, and nobody who is connected is reset.
     *
     * <pre>{@code
     * lb.frontend("public").reconfigure(change -> change.access(rules -> rules.deny("192.0.2.0/24")).acceptRate(500));
     * }</pre>
     *
     * @param change is handed the present settings, once, in this call; what it throws is thrown
     * @throws IllegalStateException when it has ended
     * @throws java.io.UncheckedIOException when a file of access rules cannot be read or is wrong
     */
    public void reconfigure(Consumer<FrontendReconfiguration> change) {
        all.reconfigure(entrance, Checks.notNull("change", change));
    }

    /**
     * How long it takes until the first of the certificates that its clients are shown is not valid any more; negative since then.
     * Empty where TLS is not spoken with them, or the certificates are those of {@linkplain io.lb4j.tls.TlsEngines other engines}.
     */
    public Optional<Duration> certificateExpiry() {
        return config().entry().tls().flatMap(FrontendTls::expiry).map(at -> Duration.between(Instant.now(), at));
    }

    /** Its counters since it began to listen, at this moment. After its end they keep their last values. */
    public FrontendStats stats() {
        return entrance.stats();
    }

    /** Whether its ports are open: not while they are closed {@linkplain #listening for the time being}, nor after the end. */
    public boolean isListening() {
        return entrance.isListening();
    }

    /**
     * Closes its ports for the time being, or opens them again, so that clients are refused at once and go elsewhere. A
     * balancer that is to {@linkplain io.lb4j.health.NoneHealthy#STOP_LISTENING stop listening} has its own say as well: the
     * ports are open when both want it. Connections go on; those that wait in the kernel's backlog when
     * they are closed are reset. Done by an event loop in one of its next turns; while somebody else has taken a port
     * meanwhile, opening is tried again, each second in the end, and said. A port out of the range from which the system
     * gives ports to outgoing connections (Linux: 32768..60999, {@code ip_local_port_range}) may be taken by one of these.
     * Returns at once; nothing happens when it is so already, or when the frontend ends.
     */
    public void listening(boolean wanted) {
        entrance.portSwitch().allowed(wanted);
    }

    /**
     * For the library itself: the same from the router's side.
     *
     * @hidden
     */
    public void routable(boolean wanted) {
        entrance.portSwitch().wanted(wanted);
    }

    /**
     * Ends it politely, and it alone: as {@link TcpProxy#drain} does for the whole proxy. What was counted for it stays
     * counted. A second call can shorten the grace, not lengthen it; after the end it changes nothing.
     *
     * @param grace how long its connections may go on; zero resets them now
     * @return completes when its last connection has ended. What depends on it runs on a thread that nobody waits for but
     *     {@link TcpProxy#close}
     * @throws IllegalArgumentException when {@code grace} is negative
     * @throws IllegalStateException when it is the last frontend: a proxy that listens nowhere has ended
     */
    public CompletableFuture<DrainResult> drain(Duration grace) {
        return end.drain(entrance, Checks.notNegative("grace", grace).toNanos());
    }

    /**
     * Ends it now, and it alone: closes its ports, and resets its connections. Waits until that is done, at most 2 s,
     * unless called on one of the proxy's own threads (by a listener) or on an interrupted one. Closing twice does nothing.
     *
     * @throws IllegalStateException when it is the last frontend
     */
    @Override
    public void close() {
        end.close(entrance);
    }

    /** Whether it has ended: none of its connections is open, and it listens no more. */
    public boolean isClosed() {
        return entrance.ended().isDone();
    }

    /** The name, and where it listens. */
    @Override
    public String toString() {
        return "Frontend " + name() + " on " + entrance.place();
    }
}
