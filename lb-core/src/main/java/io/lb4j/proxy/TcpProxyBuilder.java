package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.jfr.FlightRecording;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link TcpProxy} and starts it. Each setter checks its value at once. {@code listen} and
 * {@code listener} add one each time; of all others the last value set wins. Not thread-safe; can start any number of
 * proxies.
 */
public final class TcpProxyBuilder extends ProxySettings<TcpProxyBuilder> {
    private static final int MAX_EVENT_LOOPS = 1024;

    /** One loop relays some 15,000 new connections or several GB a second; a guest takes no more of a large machine. */
    private static final int DEFAULT_EVENT_LOOPS = 8;

    private @Nullable String name;
    private final List<FrontendPlan> frontends = new ArrayList<>();
    private int eventLoops = Math.min(DEFAULT_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
    private Transport transport = Transport.AUTO;
    private final List<ConnectionListener> listeners = new ArrayList<>();
    private @Nullable Router router;
    private String destination = "";
    private Platform platform = Platform.system();
    private @Nullable NameResolver names;
    private Consumer<DrainResult> onEnd = result -> {};
    private Runnable onFrontendChange = () -> {};

    TcpProxyBuilder() {
        super(TimeoutPolicy.builder().build(), LimitPolicy.builder().build());
    }

    private TcpProxyBuilder(TcpProxyBuilder other) {
        super(other.timeouts(), other.limits());
        name = other.name;
        frontends.addAll(other.frontends);
        eventLoops = other.eventLoops;
        transport = other.transport;
        listeners.addAll(other.listeners);
        router = other.router;
        destination = other.destination;
        platform = other.platform;
        names = other.names;
        onEnd = other.onEnd;
        onFrontendChange = other.onFrontendChange;
    }

    @Override
    TcpProxyBuilder self() {
        return this;
    }

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
     * Listens on this port of all addresses of the machine: adds a frontend. Default, when no {@code listen} is called: any
     * free port of 127.0.0.1.
     *
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the port is out of range, or another frontend listens there
     */
    public TcpProxyBuilder listen(int port) {
        return listen("0.0.0.0", port);
    }

    /**
     * Listens on this port of one host: adds a frontend.
     *
     * @param host an address of this machine, or a name that stands for one or several of them
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the host is empty or not a host, the port is out of range, or another frontend
     *     listens there
     */
    public TcpProxyBuilder listen(String host, int port) {
        return listen(host, port, frontend -> {});
    }

    /**
     * Listens on this port of one host: adds a frontend, with settings of its own.
     *
     * @param host an address of this machine, or a name that stands for one or several of them
     * @param port 1..65535, or 0 for any free port
     * @param frontend is handed the frontend's settings, once, in this call; what it throws is thrown
     * @throws IllegalArgumentException when the host is empty or not a host, the port is out of range, or another frontend
     *     listens there or has this name
     */
    public TcpProxyBuilder listen(String host, int port, Consumer<ProxyFrontendBuilder> frontend) {
        return listen(host, PortRange.of(port), frontend);
    }

    /**
     * Listens on several ports of one host: adds one frontend that has all of them.
     *
     * @param host an address of this machine, or a name that stands for one or several of them
     * @param frontend is handed the frontend's settings, once, in this call; what it throws is thrown
     * @throws IllegalArgumentException when the host is empty or not a host, or another frontend listens on one of the
     *     ports or has this name
     */
    public TcpProxyBuilder listen(String host, PortRange ports, Consumer<ProxyFrontendBuilder> frontend) {
        return listen(Checks.filled("frontend", frontend, new ProxyFrontendBuilder(host, ports))
                .plan());
    }

    private TcpProxyBuilder listen(FrontendPlan plan) {
        plan.refuseAmong(frontends);
        frontends.add(plan);
        return this;
    }

    /**
     * For the library itself: adds a frontend that gets its {@link #router(String, Router, String) router} later.
     *
     * @hidden
     */
    public TcpProxyBuilder listen(FrontendSettings<?> frontend) {
        return listen(frontend.plan(null, ""));
    }

    /**
     * For the library itself: where the connections of one frontend go.
     *
     * @hidden
     */
    public TcpProxyBuilder router(String frontend, Router router, String destination) {
        frontends.replaceAll(plan -> plan.name().equals(frontend) ? plan.withRouterIfNone(router, destination) : plan);
        return this;
    }

    /**
     * Connects every client to this backend, unless his frontend says otherwise. The last of {@code to} and {@code router}
     * wins.
     *
     * @throws IllegalArgumentException as {@link Backend#of}
     */
    public TcpProxyBuilder to(String host, int port) {
        FixedRoute route = new FixedRoute(Backend.of(host, port));
        this.router = route;
        this.destination = route.backend().hostAndPort();
        return this;
    }

    /**
     * Connects every client to where this router says, unless his frontend says otherwise. The last of {@code to} and
     * {@code router} wins.
     */
    public TcpProxyBuilder router(Router router) {
        this.router = Checks.notNull("router", router);
        this.destination = "router";
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

    /**
     * By which sockets it accepts, connects and relays. Default: {@link Transport#AUTO}. {@link TcpProxy#transport} tells
     * which it is.
     */
    public TcpProxyBuilder transport(Transport transport) {
        this.transport = Checks.notNull("transport", transport);
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
     * For the library itself: who is told that a frontend is there no more, while others go on, or that its settings have
     * changed. Called on an event loop, which must not wait, or by who changes them. Default: nobody.
     *
     * @hidden
     */
    public TcpProxyBuilder onFrontendChange(Runnable onFrontendChange) {
        this.onFrontendChange = Checks.notNull("onFrontendChange", onFrontendChange);
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

    /**
     * For the library itself: a builder that holds the same settings.
     *
     * @hidden
     */
    public TcpProxyBuilder copy() {
        return new TcpProxyBuilder(this);
    }

    /** The settings as they are now; without a name so far, the name is empty. */
    public TcpProxyConfig config() {
        return config(name != null ? name : "")
                .withFrontends(
                        plans().stream().map(plan -> plan.config(timeouts())).toList());
    }

    private TcpProxyConfig config(String name) {
        return new TcpProxyConfig(name, List.of(), timeouts(), limits(), eventLoops);
    }

    /** Where it will listen; what is added changes nothing here. */
    private List<FrontendPlan> plans() {
        List<FrontendPlan> plans = frontends.isEmpty()
                ? List.of(new ProxyFrontendBuilder("127.0.0.1", PortRange.of(0)).plan())
                : frontends;
        return plans.stream()
                .map(plan -> plan.withRouterIfNone(router, destination))
                .toList();
    }

    /**
     * Starts the proxy. When this returns, it accepts connections.
     *
     * @throws IllegalStateException when it was not said where the connections of a frontend go, or that is the proxy's own
     *     listener, or {@link Transport#NATIVE} is not to be had here
     * @throws UncheckedIOException when it cannot listen, or the system is out of descriptors; nothing is left open
     */
    public TcpProxy start() {
        List<FrontendPlan> plans = plans();
        for (FrontendPlan plan : plans) {
            if (plan.router() == null) {
                throw new IllegalStateException((frontends.size() < 2 ? "" : "frontend " + plan.name() + ": ")
                        + "to: not set (expected: a host and port, or a router)");
            }
            if (plan.router() instanceof FixedRoute fixed) {
                plans.forEach(other -> OwnListener.refuse(fixed.backend(), other));
            }
        }
        return start(plans);
    }

    /**
     * Refuses a backend that would connect the proxy to itself.
     *
     * @throws IllegalStateException when the backend's host and port reach an address this builder listens on
     */
    public void refuseOwnListener(Backend backend) {
        frontends.forEach(frontend -> OwnListener.refuse(backend, frontend));
    }

    private TcpProxy start(List<FrontendPlan> plans) {
        EngineClasses.load();
        String name = this.name != null
                ? this.name
                : Names.ofUnnamed("proxy", plans.get(0).ports().first());
        ChosenTransport chosen = ChosenTransport.of(transport, platform);
        List<List<Port>> ports = new ArrayList<>();
        try {
            for (FrontendPlan plan : plans) {
                ports.add(new Listeners(chosen.platform().sockets()).open(plan.host(), plan.ports(), eventLoops));
            }
            Guests guests = new Guests(name, listeners, platform.nanoClock());
            FlightRecording.listener(name).ifPresent(guests::add);
            NameResolver resolver = names != null ? names : new NameResolver(name, platform, guests.log());
            ProxyContext context =
                    new ProxyContext(config(name), chosen, guests, resolver, reserveFamily(chosen.platform()));
            TcpProxy proxy = new TcpProxy(context, onFrontendChange, onEnd);
            proxy.start(plans, ports);
            return proxy;
        } catch (IOException failure) {
            close(ports);
            throw new UncheckedIOException("cannot start " + name + ": " + failure.getMessage(), failure);
        } catch (RuntimeException | Error failure) {
            close(ports);
            throw failure;
        }
    }

    private static void close(List<List<Port>> ports) {
        ports.forEach(ofOne -> ofOne.forEach(Port::close));
    }

    /** IPv4, unless this machine has none. */
    private static ProtocolFamily reserveFamily(Platform platform) throws IOException {
        try {
            platform.sockets().openSocketChannel(StandardProtocolFamily.INET).close();
            return StandardProtocolFamily.INET;
        } catch (UnsupportedOperationException noIpv4) {
            return StandardProtocolFamily.INET6;
        }
    }
}
