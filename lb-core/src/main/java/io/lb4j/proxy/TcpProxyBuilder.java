package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.event.AcceptPaused;
import io.lb4j.event.BackendSelected;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionHalfClosed;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.internal.jfr.FlightRecording;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Counts;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.KernelErrors;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.SelfConnectedException;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.OpenConnection;
import io.lb4j.stats.TcpProxyStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link TcpProxy} and starts it. Each setter checks its value at once; the last value set
 * wins. Not thread-safe; can start any number of proxies.
 */
public final class TcpProxyBuilder {
    private static final int MAX_EVENT_LOOPS = 1024;

    /** One loop relays some 15,000 new connections or several GB a second; a guest takes no more of a large machine. */
    private static final int DEFAULT_EVENT_LOOPS = 8;

    private @Nullable String name;
    private String listenHost = "127.0.0.1";
    private int listenPort;
    private TimeoutPolicy timeouts = TimeoutPolicy.builder().build();
    private LimitPolicy limits = LimitPolicy.builder().build();
    private int eventLoops = Math.min(DEFAULT_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
    private final List<ConnectionListener> listeners = new ArrayList<>();
    private @Nullable Backend target;
    private @Nullable Router router;
    private Platform platform = Platform.system();
    private @Nullable NameResolver names;
    private Consumer<DrainResult> onEnd = result -> {};

    TcpProxyBuilder() {}

    /**
     * The name that begins every log line and is part of every thread's name. Default: {@code proxy-} and the port, as in
     * {@code proxy-8080}; when that is any free one, {@code proxy-any}, {@code proxy-any-2} and so on, in the order in
     * which they are started in this JVM.
     *
     * @throws IllegalArgumentException when it is empty, longer than 255, or holds blanks or control characters
     */
    public TcpProxyBuilder name(String name) {
        this.name = Checks.word("name", name);
        return this;
    }

    /**
     * Listens on this port of all addresses of the machine. Default, when no {@code listen} is called: any free port of
     * 127.0.0.1.
     *
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the port is out of range
     */
    public TcpProxyBuilder listen(int port) {
        return listen("0.0.0.0", port);
    }

    /**
     * Listens on this port of one address.
     *
     * @param host an address of this machine or a name that stands for one
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the host is empty or not a host, or the port is out of range
     */
    public TcpProxyBuilder listen(String host, int port) {
        String bare = Hosts.withoutBrackets(Checks.word("listen host", host));
        this.listenPort = Checks.range("listen port", port, 0, 65535);
        this.listenHost = bare;
        return this;
    }

    /**
     * Connects every client to this backend. The last of {@code to} and {@code router} wins.
     *
     * @throws IllegalArgumentException as {@link Backend#of}
     */
    public TcpProxyBuilder to(String host, int port) {
        Backend backend = Backend.of(host, port);
        Route route = () -> backend;
        this.target = backend;
        this.router = (connection, failed) -> route;
        return this;
    }

    /** Connects every client to where this router says. The last of {@code to} and {@code router} wins. */
    public TcpProxyBuilder router(Router router) {
        this.target = null;
        this.router = Checks.notNull("router", router);
        return this;
    }

    /**
     * How long things may take; the builder handed in holds the present values, so that calls add up. Throws what {@code
     * timeouts} throws, and then nothing has changed.
     */
    public TcpProxyBuilder timeouts(Consumer<TimeoutPolicy.Builder> timeouts) {
        TimeoutPolicy.Builder policy = this.timeouts.toBuilder();
        Checks.notNull("timeouts", timeouts).accept(policy);
        this.timeouts = policy.build();
        return this;
    }

    /**
     * How much there may be at a time; the builder handed in holds the present values, so that calls add up. Throws what
     * {@code limits} throws, and then nothing has changed.
     */
    public TcpProxyBuilder limits(Consumer<LimitPolicy.Builder> limits) {
        LimitPolicy.Builder policy = this.limits.toBuilder();
        Checks.notNull("limits", limits).accept(policy);
        this.limits = policy.build();
        return this;
    }

    /**
     * How many threads accept and relay: one until the first connection comes, then all of them. Default: one for each
     * processor, at most 8.
     *
     * @throws IllegalArgumentException when it is not within 1..1024
     */
    public TcpProxyBuilder eventLoops(int eventLoops) {
        this.eventLoops = Checks.range("eventLoops", eventLoops, 1, MAX_EVENT_LOOPS);
        return this;
    }

    /** Who is told of connections; called again, who is told as well, after the others. Default: nobody. */
    public TcpProxyBuilder listener(ConnectionListener listener) {
        listeners.add(Checks.notNull("listener", listener));
        return this;
    }

    /**
     * Who is told of the end before anybody else hears of it, with what {@link TcpProxy#whenClosed} completes with. Called
     * on the last event loop, which must not wait. Default: nobody.
     */
    public TcpProxyBuilder onEnd(Consumer<DrainResult> onEnd) {
        this.onEnd = Checks.notNull("onEnd", onEnd);
        return this;
    }

    /**
     * For the library itself and its tests: {@code Platform} is not exported. Default: the JDK's.
     *
     * @hidden
     */
    @SuppressWarnings("exports")
    public TcpProxyBuilder platform(Platform platform) {
        this.platform = Checks.notNull("platform", platform);
        return this;
    }

    /** For the library itself: {@code NameResolver} is not exported. Default: one of its own. */
    @SuppressWarnings("exports")
    public TcpProxyBuilder names(NameResolver names) {
        this.names = Checks.notNull("names", names);
        return this;
    }

    /** A builder that holds these settings. */
    static TcpProxyBuilder of(TcpProxyConfig config) {
        TcpProxyBuilder builder = new TcpProxyBuilder();
        builder.name = config.name();
        builder.listenHost = config.listenHost();
        builder.listenPort = config.listenPort();
        builder.timeouts = config.timeouts();
        builder.limits = config.limits();
        builder.eventLoops = config.eventLoops();
        return builder;
    }

    /** The settings as they are now; without a name so far, the name is empty. */
    public TcpProxyConfig config() {
        return config(name != null ? name : "");
    }

    private TcpProxyConfig config(String name) {
        return new TcpProxyConfig(name, listenHost, listenPort, timeouts, limits, eventLoops);
    }

    /**
     * Starts the proxy. When this returns, it accepts connections.
     *
     * @throws IllegalStateException when it was not said where to connect to, or that is the proxy's own listener
     * @throws UncheckedIOException when it cannot listen, or the system is out of descriptors; nothing is left open
     */
    public TcpProxy start() {
        Router destination = router;
        if (destination == null) {
            throw new IllegalStateException("to: not set (expected: a host and port, or a router)");
        }
        if (target != null) {
            refuseOwnListener(target);
        }
        return start(destination);
    }

    /**
     * Refuses a backend that would connect the proxy to itself.
     *
     * @throws IllegalStateException when the backend's host and port reach the address this builder listens on
     */
    public void refuseOwnListener(Backend backend) {
        if (backend.port() != listenPort) {
            return;
        }
        try {
            refuseListener(backend, new InetSocketAddress(InetAddress.getByName(listenHost), listenPort));
        } catch (UnknownHostException notKnownNow) {
            // Then it cannot be listened on either, and start() says so.
        }
    }

    /**
     * Refuses a backend that would connect a proxy to itself.
     *
     * @param listener where the proxy listens
     * @throws IllegalStateException when the backend's host and port reach that address
     */
    public static void refuseListener(Backend backend, InetSocketAddress listener) {
        if (isListener(backend, listener)) {
            throw new IllegalStateException("backend: " + backend + " is the balancer's own listener "
                    + Hosts.join(listener) + " (expected: another address or port)");
        }
    }

    /**
     * Whether the backend's host is written as an address that reaches a proxy that listens there. Names are not looked
     * up; one that leads here is refused when it is dialled.
     */
    public static boolean isWrittenAsListener(Backend backend, InetSocketAddress listener) {
        InetAddress address = Hosts.literal(backend.host());
        return address != null && Hosts.reaches(address, backend.port(), listener);
    }

    /** Whether one of the backend's addresses reaches a proxy that listens there. Unknown hosts do not, for now. */
    private static boolean isListener(Backend backend, InetSocketAddress listener) {
        if (backend.port() != listener.getPort()) {
            return false;
        }
        try {
            return Stream.of(InetAddress.getAllByName(backend.host()))
                    .anyMatch(address -> Hosts.reaches(address, backend.port(), listener));
        } catch (UnknownHostException notKnownNow) {
            return false;
        }
    }

    private TcpProxy start(Router destination) {
        preload();
        String name = this.name != null ? this.name : Names.ofUnnamed("proxy", listenPort);
        List<ServerSocketChannel> channels = new Listeners(platform.sockets()).open(listenHost, listenPort, eventLoops);
        try {
            InetSocketAddress address = (InetSocketAddress) channels.get(0).getLocalAddress();
            Guests guests = new Guests(name, destination, listeners, platform.nanoClock());
            FlightRecording.listener(name).ifPresent(guests::add);
            NameResolver resolver = names != null ? names : new NameResolver(name, platform, guests.log());
            ProxyContext context = new ProxyContext(config(name), platform, guests, resolver, address, reserveFamily());
            TcpProxy proxy = new TcpProxy(context, channels, onEnd);
            proxy.start();
            return proxy;
        } catch (IOException failure) {
            Listeners.closeAll(channels);
            throw new UncheckedIOException("cannot start " + name + ": " + failure.getMessage(), failure);
        } catch (RuntimeException | Error failure) {
            Listeners.closeAll(channels);
            throw failure;
        }
    }

    /** Whatever the engine may need first when it runs short of descriptors. */
    private static void preload() {
        KernelErrors.learn();
        Preload.classes(
                AcceptGate.class,
                Acceptor.class,
                Acceptors.class,
                Addresses.class,
                BackendConnector.class,
                BufferBudget.class,
                Calls.class,
                ChunkPool.class,
                Closing.class,
                Counts.class,
                DeliveryCheck.class,
                ConnectionList.class,
                ConnectionState.class,
                ConnectionStory.class,
                Dial.class,
                Endpoint.class,
                EventLoop.class,
                EventLoops.class,
                Guests.class,
                Lifetime.class,
                Limits.class,
                LoopSelector.class,
                NameResolver.class,
                OpenConnection.class,
                ProxyConnection.class,
                Phase.class,
                Relay.class,
                Relaying.class,
                RelayPair.class,
                SelfConnectedException.class,
                SocketSettings.class,
                Survey.class,
                Wait.class,
                CloseReason.class,
                AcceptPaused.class,
                AcceptPaused.Cause.class,
                BackendSelected.class,
                ConnectAttemptFailed.class,
                ConnectFailure.class,
                ConnectionAccepted.class,
                ConnectionHalfClosed.class,
                ConnectionOpened.class,
                ConnectionPhase.class,
                ConnectionRefused.class,
                ConnectionSummary.class,
                DurationHistogram.class,
                Party.class,
                TcpProxyStats.class);
    }

    /** IPv4, unless this machine has none. */
    private ProtocolFamily reserveFamily() throws IOException {
        try {
            platform.sockets().openSocketChannel(StandardProtocolFamily.INET).close();
            return StandardProtocolFamily.INET;
        } catch (UnsupportedOperationException noIpv4) {
            return StandardProtocolFamily.INET6;
        }
    }
}
