package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.CheckResult;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.internal.util.BlockingLookUp;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.NoHandle;
import io.lb4j.internal.util.OwnFailure;
import io.lb4j.internal.util.Plain;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Preload;
import io.lb4j.proxy.LimitPolicy;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.TcpProxyBuilder;
import io.lb4j.proxy.TimeoutPolicy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.QueuePolicy;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.QueueStats;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a {@link LoadBalancer} and starts it. Each setter checks its value at once; the last value
 * set wins. Not thread-safe; can start any number of balancers.
 */
public final class LoadBalancerBuilder {
    private final TcpProxyBuilder proxy = TcpProxy.builder();
    private @Nullable String name;
    private final Map<String, Backend> backends = new LinkedHashMap<>();
    private BackendSelector selector = BackendSelector.roundRobin();
    private @Nullable Duration slowStart;
    private @Nullable OutlierPolicy outliers = OutlierPolicy.builder().build();
    private NoneHealthy noneHealthy = NoneHealthy.CLOSE;
    private MinimumHealthy minimumHealthy = MinimumHealthy.ONE;
    private OnDown onDown = OnDown.KEEP;
    private OnRecovery onRecovery = OnRecovery.KEEP;
    private @Nullable QueuePolicy queue = QueuePolicy.builder().build();
    private @Nullable HealthCheckPolicy healthCheck =
            HealthCheckPolicy.builder().build();
    private final List<LoadBalancerListener> listeners = new ArrayList<>();
    private @Nullable BackendDiscovery discovery;
    private DiscoveryPolicy discoveryPolicy = DiscoveryPolicy.builder().build();
    private Duration shutdownLameDuck = Duration.ZERO;
    private @Nullable Duration shutdownGrace;
    private Platform platform = Platform.system();

    LoadBalancerBuilder() {}

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
     * Listens on this port of all addresses of the machine. Default, when no {@code listen} is called: any free port of
     * 127.0.0.1.
     *
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the port is out of range
     */
    public LoadBalancerBuilder listen(int port) {
        proxy.listen(port);
        return this;
    }

    /**
     * Listens on this port of one address.
     *
     * @param host an address of this machine or a name that stands for one
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when the host is empty or not a host, or the port is out of range
     */
    public LoadBalancerBuilder listen(String host, int port) {
        proxy.listen(host, port);
        return this;
    }

    /**
     * Adds a backend of weight 1 whose id is {@code host:port}.
     *
     * @throws IllegalArgumentException as {@link Backend#of}, or when there is a backend of this id already
     */
    public LoadBalancerBuilder backend(String host, int port) {
        return backend(Backend.of(host, port));
    }

    /**
     * Adds backends of weight 1, each written as {@code host:port}: {@code backends("10.0.0.1:9000", "[::1]:9000")}.
     *
     * @throws IllegalArgumentException as {@link Backend#parse}, or when there is a backend of this id already
     */
    public LoadBalancerBuilder backends(String... places) {
        for (String place : places) {
            backend(Backend.parse(place));
        }
        return this;
    }

    /**
     * Adds a backend. Up to 10,000 are supported; what that costs is said at {@link Backends} and
     * {@link io.lb4j.selection.BackendSelector}.
     *
     * @throws IllegalArgumentException when there is a backend of this id already
     */
    public LoadBalancerBuilder backend(Backend backend) {
        Checks.notNull("backend", backend);
        if (backends.putIfAbsent(backend.id(), backend) != null) {
            throw new IllegalArgumentException("backend id: " + backend.id() + " (expected: one not added before)");
        }
        return this;
    }

    /**
     * Where the list of backends comes from: it is asked at once, again every 30 s, and when it
     * {@linkplain BackendDiscovery#watch tells of a change}. What it answers becomes the
     * list, as by {@link Backends#replaceAll}; backends that are given too are those until its first answer. With none
     * given, {@code start()} waits for the first answer, for as long as one may take.
     */
    public LoadBalancerBuilder discovery(BackendDiscovery discovery) {
        this.discovery = Checks.notNull("discovery", discovery);
        return this;
    }

    /**
     * {@link #discovery(BackendDiscovery)}; the builder handed in holds the defaults of when it is asked. Throws what
     * {@code policy} throws.
     */
    public LoadBalancerBuilder discovery(BackendDiscovery discovery, Consumer<DiscoveryPolicy.Builder> policy) {
        DiscoveryPolicy.Builder builder = DiscoveryPolicy.builder();
        Checks.notNull("policy", policy).accept(builder);
        this.discoveryPolicy = builder.build();
        return discovery(discovery);
    }

    /**
     * How the backend of a connection is chosen. Balancers started by one builder share the selector. Default:
     * {@link BackendSelector#roundRobin()}.
     */
    public LoadBalancerBuilder selector(BackendSelector selector) {
        this.selector = Checks.notNull("selector", selector);
        return this;
    }

    /**
     * Lets a backend that has come UP again warm up: it begins with a tenth of its share of new connections and gets
     * the whole of it after this time, growing evenly. For backends that are slow at first: JVMs, cold caches. Backends
     * that are UP when the balancer starts have their whole share at once. Every selector of {@link BackendSelector}
     * but {@link BackendSelector#first()} heeds it, one of your own by {@code Candidates.weight}. Default: off.
     *
     * @throws IllegalArgumentException when it is not longer than zero
     */
    public LoadBalancerBuilder slowStart(Duration time) {
        this.slowStart = Checks.positive("slowStart", time);
        return this;
    }

    /**
     * How backends are checked; the builder handed in holds the defaults: a TCP connect every 30 s with a timeout of
     * 5 s. Throws what {@code check} throws.
     */
    public LoadBalancerBuilder healthCheck(Consumer<HealthCheckPolicy.Builder> check) {
        HealthCheckPolicy.Builder policy = HealthCheckPolicy.builder();
        Checks.notNull("healthCheck", check).accept(policy);
        this.healthCheck = policy.build();
        return this;
    }

    /** How backends are checked. */
    public LoadBalancerBuilder healthCheck(HealthCheckPolicy policy) {
        this.healthCheck = Checks.notNull("healthCheck", policy);
        return this;
    }

    /** Checks nothing: every backend is UP for ever, and one that cannot be connected to costs an attempt each time. */
    public LoadBalancerBuilder noHealthCheck() {
        this.healthCheck = null;
        return this;
    }

    /**
     * When a backend is ejected because of what its connections show, between two checks; the builder handed in holds
     * the defaults: for 30 s after 5 failed connects in a row. Throws what {@code outliers} throws.
     */
    public LoadBalancerBuilder outlierDetection(Consumer<OutlierPolicy.Builder> outliers) {
        OutlierPolicy.Builder policy = OutlierPolicy.builder();
        Checks.notNull("outlierDetection", outliers).accept(policy);
        this.outliers = policy.build();
        return this;
    }

    /** Ejects no backend. A failed attempt to connect still makes a health check of it due at once. */
    public LoadBalancerBuilder noOutlierDetection() {
        this.outliers = null;
        return this;
    }

    /**
     * What happens to new connections while no backend is UP, or fewer than {@linkplain #minimumHealthy the minimum}.
     * Default: {@link NoneHealthy#CLOSE}.
     */
    public LoadBalancerBuilder whenNoneHealthy(NoneHealthy choice) {
        this.noneHealthy = Checks.notNull("whenNoneHealthy", choice);
        return this;
    }

    /**
     * How many backends have to be UP; with fewer, what {@link #whenNoneHealthy} says holds. Of those that an operator has
     * not taken out and that have a weight. With {@link NoneHealthy#TRY_ALL} it is Envoy's panic threshold: the few that
     * are left are not drowned. Default: 1.
     *
     * @throws IllegalArgumentException when it is not within 1..10,000
     */
    public LoadBalancerBuilder minimumHealthy(int backends) {
        this.minimumHealthy = new MinimumHealthy(backends, minimumHealthy.percent());
        return this;
    }

    /**
     * How much of all backends has to be UP, in percent, rounded up; where {@link #minimumHealthy} asks for more, that
     * holds. Default: 0.
     *
     * @throws IllegalArgumentException when it is not within 0..100
     */
    public LoadBalancerBuilder minimumHealthyPercent(int percent) {
        this.minimumHealthy = new MinimumHealthy(minimumHealthy.backends(), percent);
        return this;
    }

    /** What happens to the connections of a backend that goes DOWN. Default: {@link OnDown#KEEP}. */
    public LoadBalancerBuilder onDown(OnDown choice) {
        this.onDown = Checks.notNull("onDown", choice);
        return this;
    }

    /**
     * What happens when a preferred backend is UP again and others have taken over. Default: {@link OnRecovery#KEEP}.
     */
    public LoadBalancerBuilder onRecovery(OnRecovery choice) {
        this.onRecovery = Checks.notNull("onRecovery", choice);
        return this;
    }

    /**
     * How connections wait while every backend that could take them is at its limit
     * ({@link Backend#withMaxConnections}); the builder handed in holds the defaults: in the order in which they came, any
     * number of them, each for at most the connect timeout. Throws what {@code queue} throws.
     */
    public LoadBalancerBuilder queue(Consumer<QueuePolicy.Builder> queue) {
        QueuePolicy.Builder policy = QueuePolicy.builder();
        Checks.notNull("queue", queue).accept(policy);
        this.queue = policy.build();
        return this;
    }

    /**
     * Lets nobody wait: while every backend is at its limit, who comes is refused at once with
     * {@link io.lb4j.event.CloseReason#QUEUE_FULL}.
     */
    public LoadBalancerBuilder noQueue() {
        this.queue = null;
        return this;
    }

    /**
     * How long things may take; the builder handed in holds the present values, so that calls add up. Throws what {@code
     * timeouts} throws, and then nothing has changed.
     */
    public LoadBalancerBuilder timeouts(Consumer<TimeoutPolicy.Builder> timeouts) {
        proxy.timeouts(timeouts);
        return this;
    }

    /**
     * How much there may be at a time; the builder handed in holds the present values, so that calls add up. Throws what
     * {@code limits} throws, and then nothing has changed.
     */
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

    /** The seams for tests: sockets, clock, chance and threads. Default: the JDK's. */
    LoadBalancerBuilder platform(Platform platform) {
        proxy.platform(platform);
        this.platform = platform;
        return this;
    }

    /**
     * Starts the balancer. When this returns, it accepts connections, and the first check of every backend is due, or
     * has ended if the health check policy says so.
     *
     * @throws IllegalStateException when there is no backend and no discovery, or a backend that is the balancer's own listener
     * @throws UncheckedIOException when it cannot listen, or the system is out of descriptors; nothing is left open
     */
    public LoadBalancer start() {
        if (backends.isEmpty() && discovery == null) {
            throw new IllegalStateException("backend: none (expected: at least one, or a discovery)");
        }
        backends.values().forEach(proxy::refuseOwnListener);
        proxy.name(name != null ? name : Names.ofUnnamed("lb", proxy.config().listenPort()));
        LoadBalancerConfig config = new LoadBalancerConfig(
                proxy.config(),
                List.copyOf(backends.values()),
                selector,
                Optional.ofNullable(slowStart),
                Optional.ofNullable(healthCheck),
                Optional.ofNullable(outliers),
                noneHealthy,
                minimumHealthy,
                onDown,
                onRecovery,
                Optional.ofNullable(queue),
                Optional.ofNullable(discovery),
                discoveryPolicy);
        Preload.classes(
                LoadBalancerStats.class,
                BackendStats.class,
                BackendState.class,
                BackendStatusChanged.class,
                BlockingLookUp.class,
                CheckResult.class,
                DrainBegan.class,
                DrainEnded.class,
                HealthCheckEnded.class,
                NoHandle.class,
                OwnFailure.class,
                Plain.class,
                QueueStats.class);
        LoadBalancer balancer = new LoadBalancer(config, listeners, platform);
        try {
            balancer.start(proxy);
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
