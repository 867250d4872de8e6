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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    private static final long LEAST_BUFFERED = 64 * 1024;

    private @Nullable String name;
    private String listenHost = "127.0.0.1";
    private int listenPort;
    private Duration connectTimeout = Duration.ofSeconds(5);
    private int connectAttempts = 3;
    private @Nullable Duration idleTimeout = Duration.ofHours(1);
    private Duration halfClosedTimeout = Duration.ofMinutes(5);
    private Duration stallTimeout = Duration.ofMinutes(5);
    private @Nullable Duration maxLifetime;
    private @Nullable Integer maxConnections;
    private long maxBufferedBytes = BufferBudget.defaultLimit();
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
     * How long an attempt to connect to a backend may take: looking up its host name and dialling all the addresses that
     * stands for. Each attempt has this time, so a client waits at most {@code connectAttempts} times as long. An address
     * that does not answer within 250 ms has the next one dialled besides, and the one that answered is the first to be
     * dialled from then on (RFC 8305). Default: 5 s.
     *
     * @throws IllegalArgumentException when it is not longer than zero
     */
    public TcpProxyBuilder connectTimeout(Duration timeout) {
        this.connectTimeout = Checks.positive("connectTimeout", timeout);
        return this;
    }

    /**
     * How many attempts to connect are made for one connection, each at the router's next answer. Default: 3.
     *
     * @throws IllegalArgumentException when it is not within 1..100
     */
    public TcpProxyBuilder connectAttempts(int attempts) {
        this.connectAttempts = Checks.range("connectAttempts", attempts, 1, 100);
        return this;
    }

    /**
     * How long both directions of a connection may be silent before it is reset. Default: 1 h.
     *
     * @throws IllegalArgumentException when it is not longer than zero
     */
    public TcpProxyBuilder idleTimeout(Duration timeout) {
        this.idleTimeout = Checks.positive("idleTimeout", timeout);
        return this;
    }

    /** Lets connections be silent for ever. Those whose peer vanished are then found by TCP keep-alive alone. */
    public TcpProxyBuilder noIdleTimeout() {
        this.idleTimeout = null;
        return this;
    }

    /**
     * How long a connection may be silent after one side has ended its stream before it is reset. Default: 5 min.
     *
     * @throws IllegalArgumentException when it is not longer than zero
     */
    public TcpProxyBuilder halfClosedTimeout(Duration timeout) {
        this.halfClosedTimeout = Checks.positive("halfClosedTimeout", timeout);
        return this;
    }

    /**
     * How long one side may take none of the bytes that wait for it before the connection is reset. Default: 5 min.
     *
     * @throws IllegalArgumentException when it is not longer than zero
     */
    public TcpProxyBuilder stallTimeout(Duration timeout) {
        this.stallTimeout = Checks.positive("stallTimeout", timeout);
        return this;
    }

    /**
     * How long a connection may be open before it is reset: makes clients that never reconnect by themselves spread over
     * backends that are new. From a random moment within 10 % to either side of it, so that those that came together do
     * not go together, the first silent moment is taken: 100 ms without a byte after the backend spoke last, or a second
     * after the client did, and, where the system can tell (Linux), the client's kernel having all that it was sent. One
     * that is never silent so long ends after 10 % more. Default: for ever.
     *
     * @throws IllegalArgumentException when it is not longer than zero
     */
    public TcpProxyBuilder maxLifetime(Duration time) {
        this.maxLifetime = Checks.positive("maxLifetime", time);
        return this;
    }

    /**
     * How many connections may be open at a time. At the limit accepting pauses; clients wait in the kernel's backlog
     * (4096 for each event loop, if the system allows) until one ends. Default: as many as the process can open
     * descriptors for when it starts, two for each connection, with a tenth (64 to 1,000) kept for the application; the
     * line that is logged at the start says the number. No limit where the system does not tell.
     *
     * @throws IllegalArgumentException when it is less than 1
     */
    public TcpProxyBuilder maxConnections(int connections) {
        this.maxConnections = Checks.range("maxConnections", connections, 1, Integer.MAX_VALUE);
        return this;
    }

    /**
     * How much of the heap connections may hold in bytes that one side has sent and the other does not take yet. As it
     * fills up, less is read at a time (down to 4 KiB), so that slow receivers cost no more memory than this and everybody
     * else goes on. It may be exceeded by 4 KiB for each connection whose receiver then takes less than it said it would.
     * Default: a sixteenth of the largest heap ({@link Runtime#maxMemory}), and at least 1 MiB.
     *
     * @throws IllegalArgumentException when it is less than 65,536
     */
    public TcpProxyBuilder maxBufferedBytes(long bytes) {
        this.maxBufferedBytes = Checks.atLeast("maxBufferedBytes", bytes, LEAST_BUFFERED);
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
        builder.connectTimeout = config.connectTimeout();
        builder.connectAttempts = config.connectAttempts();
        builder.idleTimeout = config.idleTimeout().orElse(null);
        builder.halfClosedTimeout = config.halfClosedTimeout();
        builder.stallTimeout = config.stallTimeout();
        builder.maxLifetime = config.maxLifetime().orElse(null);
        builder.maxConnections = config.maxConnections().orElse(null);
        builder.maxBufferedBytes = config.maxBufferedBytes();
        builder.eventLoops = config.eventLoops();
        return builder;
    }

    /** The settings as they are now; without a name so far, the name is empty. */
    public TcpProxyConfig config() {
        return config(name != null ? name : "");
    }

    private TcpProxyConfig config(String name) {
        return new TcpProxyConfig(
                name,
                listenHost,
                listenPort,
                connectTimeout,
                connectAttempts,
                Optional.ofNullable(idleTimeout),
                halfClosedTimeout,
                stallTimeout,
                Optional.ofNullable(maxLifetime),
                Optional.ofNullable(maxConnections),
                maxBufferedBytes,
                eventLoops);
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
