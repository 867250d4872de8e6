package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.internal.util.Checks;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What steers a pool of backends: set when it is built, and changed while it runs. Each setter checks its value at once;
 * the last value set wins. Not thread-safe.
 *
 * @param <S> what the setters return: this
 */
public abstract sealed class PoolSettings<S extends PoolSettings<S>>
        permits PoolSetup, Reconfiguration, PoolReconfiguration {
    /** Null while the pool is built. */
    private final @Nullable PoolConfig running;

    private BackendSelector selector = BackendSelector.roundRobin();
    private @Nullable Duration slowStart;
    private @Nullable HealthCheckPolicy healthCheck =
            HealthCheckPolicy.builder().build();
    private @Nullable OutlierPolicy outliers = OutlierPolicy.builder().build();
    private NoneHealthy noneHealthy = NoneHealthy.CLOSE;
    private MinimumHealthy minimumHealthy = MinimumHealthy.ONE;
    private OnDown onDown = OnDown.KEEP;
    private OnRecovery onRecovery = OnRecovery.KEEP;
    private @Nullable QueuePolicy queue = QueuePolicy.builder().build();

    /** Holds the settings of a pool that runs; the defaults, where there is none. */
    PoolSettings(@Nullable PoolConfig running) {
        this.running = running;
        if (running != null) {
            selector = running.selector();
            slowStart = running.slowStart().orElse(null);
            healthCheck = running.healthCheck().orElse(null);
            outliers = running.outlierDetection().orElse(null);
            noneHealthy = running.whenNoneHealthy();
            minimumHealthy = running.minimumHealthy();
            onDown = running.onDown();
            onRecovery = running.onRecovery();
            queue = running.queue().orElse(null);
        }
    }

    /** What each setter ends with. */
    abstract S self();

    /**
     * How the backend of a connection is chosen. Balancers started by one builder share the selector. Default:
     * {@link BackendSelector#roundRobin()}.
     */
    public S selector(BackendSelector selector) {
        this.selector = Checks.notNull("selector", selector);
        return self();
    }

    /**
     * Lets a backend that has come UP again warm up: it begins with a tenth of its share of new connections and gets
     * the whole of it after this time, growing evenly. For backends that are slow at first: JVMs, cold caches. Backends
     * that are UP when the balancer starts have their whole share at once; those that warm up when this is changed go on as
     * they began. Every selector of {@link BackendSelector} but {@link BackendSelector#first()} heeds it, one of your own
     * by {@code Candidates.weight}. Default: off.
     *
     * @throws IllegalArgumentException when it is not longer than zero
     */
    public S slowStart(Duration time) {
        this.slowStart = Checks.positive("slowStart", time);
        return self();
    }

    /** Gives backends that come up their whole share at once; those that warm up go on as they began. */
    public S noSlowStart() {
        this.slowStart = null;
        return self();
    }

    /**
     * How backends are checked; the builder handed in holds the defaults: a TCP connect every 30 s with a timeout of
     * 5 s. When it is changed, the status of backends stays until their next check, whose time is counted anew from their
     * last one. Throws what {@code check} throws.
     *
     * @throws IllegalStateException when the pool runs and was started without health checks
     */
    public S healthCheck(Consumer<HealthCheckPolicy.Builder> check) {
        refuseSwitching(true);
        return healthCheck(
                Checks.filled("healthCheck", check, HealthCheckPolicy.builder()).build());
    }

    /**
     * How backends are checked.
     *
     * @throws IllegalStateException when the pool runs and was started without health checks
     */
    public S healthCheck(HealthCheckPolicy policy) {
        refuseSwitching(true);
        this.healthCheck = Checks.notNull("healthCheck", policy);
        return self();
    }

    /**
     * Checks nothing: every backend is UP for ever, and one that cannot be connected to costs an attempt each time.
     *
     * @throws IllegalStateException when the pool runs and was started with health checks
     */
    public S noHealthCheck() {
        refuseSwitching(false);
        this.healthCheck = null;
        return self();
    }

    private void refuseSwitching(boolean on) {
        if (running != null && running.healthCheck().isPresent() != on) {
            throw new IllegalStateException("healthCheck: the pool was started " + (on ? "without" : "with it")
                    + " (expected: as it was started)");
        }
    }

    /**
     * When a backend is ejected because of what its connections show, between two checks; the builder handed in holds
     * the defaults: for 30 s after 5 failed connects in a row. Ejections under way end as they would have. Throws what
     * {@code outliers} throws.
     */
    public S outlierDetection(Consumer<OutlierPolicy.Builder> outliers) {
        this.outliers = Checks.filled("outlierDetection", outliers, OutlierPolicy.builder())
                .build();
        return self();
    }

    /**
     * Ejects no backend; ejections under way end as they would have. A failed attempt to connect still makes a health
     * check of it due at once.
     */
    public S noOutlierDetection() {
        this.outliers = null;
        return self();
    }

    /**
     * What happens to new connections while no backend is UP, or fewer than {@linkplain #minimumHealthy the minimum}.
     * Default: {@link NoneHealthy#CLOSE}.
     */
    public S whenNoneHealthy(NoneHealthy choice) {
        this.noneHealthy = Checks.notNull("whenNoneHealthy", choice);
        return self();
    }

    /**
     * How many backends have to be UP; with fewer, what {@link #whenNoneHealthy} says holds. Of those that an operator has
     * not taken out and that have a weight. With {@link NoneHealthy#TRY_ALL} it is Envoy's panic threshold: the few that
     * are left are not drowned. Default: 1.
     *
     * @throws IllegalArgumentException when it is not within 1..10,000
     */
    public S minimumHealthy(int backends) {
        this.minimumHealthy = new MinimumHealthy(backends, minimumHealthy.percent());
        return self();
    }

    /**
     * What percentage of all backends has to be UP, rounded up, where {@link #minimumHealthy} is not more. Default: 0.
     *
     * @throws IllegalArgumentException when it is not within 0..100
     */
    public S minimumHealthyPercent(int percent) {
        this.minimumHealthy = new MinimumHealthy(minimumHealthy.backends(), percent);
        return self();
    }

    /** What happens to the connections of a backend that goes DOWN. Default: {@link OnDown#KEEP}. */
    public S onDown(OnDown choice) {
        this.onDown = Checks.notNull("onDown", choice);
        return self();
    }

    /** What happens when a preferred backend is UP again, and others serve. Default: {@link OnRecovery#KEEP}. */
    public S onRecovery(OnRecovery choice) {
        this.onRecovery = Checks.notNull("onRecovery", choice);
        return self();
    }

    /**
     * How connections wait while every backend that could take them is at its limit ({@link
     * Backend#withMaxConnections}); the builder handed in holds the defaults: in the order in which they came, any
     * number of them, each for at most the connect timeout. Those who wait when it is changed go on as they began.
     * Throws what {@code queue} throws.
     */
    public S queue(Consumer<QueuePolicy.Builder> queue) {
        this.queue = Checks.filled("queue", queue, QueuePolicy.builder()).build();
        return self();
    }

    /**
     * Lets nobody wait: while every backend is at its limit, who comes is refused at once with
     * {@link io.lb4j.event.CloseReason#QUEUE_FULL}. Those who wait already go on.
     */
    public S noQueue() {
        this.queue = null;
        return self();
    }

    /** These settings, with what only a new pool is given. */
    PoolConfig config(
            String name,
            List<Backend> backends,
            UnaryOperator<Backend> eachBackend,
            Optional<BackendDiscovery> discovery,
            DiscoveryPolicy discoveryPolicy) {
        return new PoolConfig(
                name,
                backends,
                eachBackend,
                selector,
                Optional.ofNullable(slowStart),
                Optional.ofNullable(healthCheck),
                Optional.ofNullable(outliers),
                noneHealthy,
                minimumHealthy,
                onDown,
                onRecovery,
                Optional.ofNullable(queue),
                discovery,
                discoveryPolicy);
    }

    /** These settings, for the pool that runs. */
    PoolConfig changed(PoolConfig running) {
        return config(
                running.name(),
                running.backends(),
                running.eachBackend(),
                running.discovery(),
                running.discoveryPolicy());
    }
}
