package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Platform;
import io.lb4j.proxy.LimitPolicy;
import io.lb4j.proxy.PortRange;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.TcpProxyBuilder;
import io.lb4j.proxy.TimeoutPolicy;
import io.lb4j.proxy.Transport;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link LoadBalancer} and starts it: where it listens, timeouts and limits, and those of its
 * default pool of backends. Each setter checks its value at once. {@code listen}, {@code backend}, {@code pool} and
 * {@code listener} add one each time; of all others the last value set wins. Not thread-safe; can start any number of
 * balancers.
 */
public final class LoadBalancerBuilder extends PoolSetup<LoadBalancerBuilder> {
    private final TcpProxyBuilder proxy = TcpProxy.builder();
    private @Nullable String name;
    private final PoolPlan pools = new PoolPlan();

    /** Where the frontends lead, by their names, in the order in which they were added. */
    private final Map<String, Destination> destinations = new LinkedHashMap<>();

    private final List<LoadBalancerListener> listeners = new ArrayList<>();
    private Duration shutdownLameDuck = Duration.ZERO;
    private @Nullable Duration shutdownGrace;
    private Platform platform = Platform.system();

    LoadBalancerBuilder() {}

    @Override
    LoadBalancerBuilder self() {
        return this;
    }

    /**
     * The name that begins every log line, is part of every thread's name, and tells balancers apart in meters, JMX and the
     * admin server. Default: {@code lb-} and the port, as in {@code lb-8080}; when that is any free one, {@code lb-any},
     * {@code lb-any-2} and so on, in the order in which they are started in this JVM.
     *
     * @throws IllegalArgumentException when it is empty, longer than 255, or holds blanks or control characters
     */
    public LoadBalancerBuilder name(String name) {
        this.name = Checks.word("name", name);
        return this;
    }

    /**
     * Listens on this port of all addresses of the machine: adds a frontend, whose clients get the pool that is set up on
     * this builder. Default, when no {@code listen} is called: any free port of 127.0.0.1.
     *
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the port is out of range, or another frontend listens there
     */
    public LoadBalancerBuilder listen(int port) {
        return listen(port, frontend -> {});
    }

    /**
     * {@link #listen(int)}, with settings of its own.
     *
     * @param frontend is handed the frontend's settings, once, in this call; what it throws is thrown
     * @throws IllegalArgumentException when the port is out of range, or another frontend listens there or has this name
     */
    public LoadBalancerBuilder listen(int port, Consumer<FrontendBuilder> frontend) {
        return listen("0.0.0.0", port, frontend);
    }

    /**
     * Listens on this port of one host: adds a frontend, whose clients get the pool that is set up on this builder.
     *
     * @param host an address of this machine, or a name that stands for one or several of them
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the host is empty or not a host, the port is out of range, or another frontend
     *     listens there
     */
    public LoadBalancerBuilder listen(String host, int port) {
        return listen(host, port, frontend -> {});
    }

    /**
     * {@link #listen(String, int)}, with settings of its own.
     *
     * @param frontend is handed the frontend's settings, once, in this call; what it throws is thrown
     * @throws IllegalArgumentException when the host is empty or not a host, the port is out of range, or another frontend
     *     listens there or has this name
     */
    public LoadBalancerBuilder listen(String host, int port, Consumer<FrontendBuilder> frontend) {
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
    public LoadBalancerBuilder listen(String host, PortRange ports, Consumer<FrontendBuilder> frontend) {
        FrontendBuilder settings = Checks.filled("frontend", frontend, new FrontendBuilder(host, ports));
        proxy.listen(settings);
        destinations.put(settings.name(), settings.destination());
        return this;
    }

    /** As {@link TcpProxyBuilder#timeouts}. */
    public LoadBalancerBuilder timeouts(Consumer<TimeoutPolicy.Builder> timeouts) {
        proxy.timeouts(timeouts);
        return this;
    }

    /** As {@link TcpProxyBuilder#limits}. */
    public LoadBalancerBuilder limits(Consumer<LimitPolicy.Builder> limits) {
        proxy.limits(limits);
        return this;
    }

    /**
     * How many threads accept and relay: one until the first connection comes, then all of them. Default: one for each
     * processor, at most 8.
     *
     * @throws IllegalArgumentException when it is not within 1..1024
     */
    public LoadBalancerBuilder eventLoops(int eventLoops) {
        proxy.eventLoops(eventLoops);
        return this;
    }

    /** As {@link TcpProxyBuilder#transport}. */
    public LoadBalancerBuilder transport(Transport transport) {
        proxy.transport(transport);
        return this;
    }

    /**
     * Drains the balancer when the JVM shuts down (SIGTERM, Ctrl-C, {@code System.exit}), as {@link LoadBalancer#drain}
     * does, in a shutdown hook that waits for it: the process lives up to a second longer than this grace. Other hooks
     * run at the same time; do not close what backends need in one of them. Default: it ends with the JVM.
     *
     * @throws IllegalArgumentException when it is negative
     */
    public LoadBalancerBuilder drainOnShutdown(Duration grace) {
        return drainOnShutdown(Duration.ZERO, grace);
    }

    /**
     * As {@link #drainOnShutdown(Duration)}, but announces the end first, as {@link LoadBalancer#drain(Duration, Duration)}
     * does: {@code /health} says 503 at once, accepting goes on for the lame-duck time, then the grace begins.
     *
     * @param lameDuck longer than the interval at which those in front look at {@code /health}; may be zero
     * @throws IllegalArgumentException when one is negative
     */
    public LoadBalancerBuilder drainOnShutdown(Duration lameDuck, Duration grace) {
        this.shutdownLameDuck = Checks.notNegative("drainOnShutdown lameDuck", lameDuck);
        this.shutdownGrace = Checks.notNegative("drainOnShutdown", grace);
        return this;
    }

    /**
     * Who is told of connections and of backends; called again, who is told as well, after the others. Default: nobody.
     */
    public LoadBalancerBuilder listener(LoadBalancerListener listener) {
        proxy.listener(listener);
        listeners.add(listener);
        return this;
    }

    /**
     * Adds a pool of backends beside the default one, with settings of its own. When there is such a pool, and neither a
     * backend nor a discovery is given here, there is no default pool, and the settings here that are a pool's hold for
     * none.
     *
     * @param name tells it from other pools
     * @param setup is handed a builder that holds the defaults; what it throws is thrown
     * @throws IllegalArgumentException when the name is empty, longer than 255, holds blanks or control characters, is that
     *     of another pool or {@value Backend#DEFAULT_POOL}; when {@link #eachBackend} of the pool refuses a backend; or when
     *     another pool with a name has a backend of the same id
     * @throws IllegalStateException when it has neither a backend nor a discovery
     */
    public LoadBalancerBuilder pool(String name, Consumer<PoolBuilder> setup) {
        pools.add(PoolBuilder.config(name, setup));
        return this;
    }

    /** The seams for tests: sockets, clock, chance and threads. Default: the JDK's. */
    LoadBalancerBuilder platform(Platform platform) {
        proxy.platform(platform);
        this.platform = platform;
        return this;
    }

    private String defaultName() {
        return Names.ofUnnamed("lb", proxy.config().frontends().get(0).ports().first());
    }

    /**
     * Starts the balancer. When this returns, it accepts connections, and the first check of every backend is due, or
     * has ended if the health check policy says so.
     *
     * @throws IllegalArgumentException when {@link #eachBackend} refuses a backend, or two have the same id after it, or
     *     another pool has one of the same id
     * @throws IllegalStateException when there is no backend, no discovery and no pool, a
     *     frontend leads to a pool that is not there, no frontend leads to a pool, a backend is the balancer's own listener,
     *     or {@link Transport#NATIVE} is not to be had here
     * @throws UncheckedIOException when it cannot listen, or the system is out of descriptors; nothing is left open
     */
    public LoadBalancer start() {
        TcpProxyBuilder serving = proxy.copy();
        Map<String, Destination> leading = new LinkedHashMap<>(destinations);
        if (leading.isEmpty()) {
            FrontendBuilder one = new FrontendBuilder("127.0.0.1", PortRange.of(0));
            serving.listen(one);
            leading.put(one.name(), one.destination());
        }
        Map<String, PoolConfig> all = pools.all(hasSource() ? config(Backend.DEFAULT_POOL) : null);
        PoolPlan.refuseWhatLeadsNowhere(leading, all.keySet());
        all.values().forEach(pool -> pool.backends().forEach(serving::refuseOwnListener));
        serving.name(name != null ? name : defaultName());
        LoadBalancerConfig config = new LoadBalancerConfig(serving.config(), all);
        NeededLater.load();
        Lifecycle life = new Lifecycle(config, listeners, platform);
        LoadBalancer balancer = new LoadBalancer(life);
        try {
            life.start(serving, leading);
            if (shutdownGrace != null) {
                ShutdownDrain.install(balancer, shutdownLameDuck, shutdownGrace);
            }
        } catch (RuntimeException | Error failure) {
            balancer.close();
            throw failure;
        }
        return balancer;
    }
}
