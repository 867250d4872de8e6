package io.lb4j;

import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.internal.util.Checks;
import io.lb4j.proxy.LimitPolicy;
import io.lb4j.proxy.TcpProxyBuilder;
import io.lb4j.proxy.TimeoutPolicy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a running balancer that can change, for {@link LoadBalancer#reconfigure}. Holds the present ones; each
 * setter checks its value at once, and the last value set wins. What is not here cannot change while a balancer runs;
 * backends change by {@link LoadBalancer#backends()}. To be used within the call it was handed to, by one thread.
 */
public final class Reconfiguration {
    private final LoadBalancerConfig before;
    private final TcpProxyBuilder proxy;
    private BackendSelector selector;
    private @Nullable Duration slowStart;
    private @Nullable HealthCheckPolicy healthCheck;
    private @Nullable OutlierPolicy outliers;
    private NoneHealthy noneHealthy;
    private MinimumHealthy minimumHealthy;
    private OnDown onDown;
    private OnRecovery onRecovery;
    private @Nullable QueuePolicy queue;

    Reconfiguration(LoadBalancerConfig before, TcpProxyBuilder proxy) {
        this.before = before;
        this.proxy = proxy;
        selector = before.selector();
        slowStart = before.slowStart().orElse(null);
        healthCheck = before.healthCheck().orElse(null);
        outliers = before.outlierDetection().orElse(null);
        noneHealthy = before.whenNoneHealthy();
        minimumHealthy = before.minimumHealthy();
        onDown = before.onDown();
        onRecovery = before.onRecovery();
        queue = before.queue().orElse(null);
    }

    /** As {@link LoadBalancerBuilder#selector}. */
    public Reconfiguration selector(BackendSelector selector) {
        this.selector = Checks.notNull("selector", selector);
        return this;
    }

    /** As {@link LoadBalancerBuilder#slowStart}; backends that warm up now go on as they began. */
    public Reconfiguration slowStart(Duration time) {
        this.slowStart = Checks.positive("slowStart", time);
        return this;
    }

    /** Backends that come up from now on have their whole share at once. */
    public Reconfiguration noSlowStart() {
        this.slowStart = null;
        return this;
    }

    /**
     * Other health checks; the builder handed in holds the defaults, not the present policy. The status of backends
     * stays until their next check, whose time is counted anew from their last one.
     *
     * @throws IllegalStateException when the balancer was started without health checks
     */
    public Reconfiguration healthCheck(Consumer<HealthCheckPolicy.Builder> check) {
        if (healthCheck == null) {
            throw new IllegalStateException("healthCheck: the balancer was started without");
        }
        HealthCheckPolicy.Builder policy = HealthCheckPolicy.builder();
        Checks.notNull("healthCheck", check).accept(policy);
        this.healthCheck = policy.build();
        return this;
    }

    /** As {@link LoadBalancerBuilder#outlierDetection}; ejections under way end as they would have. */
    public Reconfiguration outlierDetection(Consumer<OutlierPolicy.Builder> outliers) {
        OutlierPolicy.Builder policy = OutlierPolicy.builder();
        Checks.notNull("outlierDetection", outliers).accept(policy);
        this.outliers = policy.build();
        return this;
    }

    /** Ejects nobody any more; ejections under way end as they would have. */
    public Reconfiguration noOutlierDetection() {
        this.outliers = null;
        return this;
    }

    /** As {@link LoadBalancerBuilder#whenNoneHealthy}. */
    public Reconfiguration whenNoneHealthy(NoneHealthy choice) {
        this.noneHealthy = Checks.notNull("whenNoneHealthy", choice);
        return this;
    }

    /** As {@link LoadBalancerBuilder#minimumHealthy}. */
    public Reconfiguration minimumHealthy(int backends) {
        this.minimumHealthy = new MinimumHealthy(backends, minimumHealthy.percent());
        return this;
    }

    /** As {@link LoadBalancerBuilder#minimumHealthyPercent}. */
    public Reconfiguration minimumHealthyPercent(int percent) {
        this.minimumHealthy = new MinimumHealthy(minimumHealthy.backends(), percent);
        return this;
    }

    /** As {@link LoadBalancerBuilder#onRecovery}. */
    public Reconfiguration onRecovery(OnRecovery choice) {
        this.onRecovery = Checks.notNull("onRecovery", choice);
        return this;
    }

    /** As {@link LoadBalancerBuilder#onDown}. */
    public Reconfiguration onDown(OnDown choice) {
        this.onDown = Checks.notNull("onDown", choice);
        return this;
    }

    /**
     * As {@link LoadBalancerBuilder#queue}; the builder handed in holds the defaults, not the present policy. Those who wait
     * already go on as they began.
     */
    public Reconfiguration queue(Consumer<QueuePolicy.Builder> queue) {
        QueuePolicy.Builder policy = QueuePolicy.builder();
        Checks.notNull("queue", queue).accept(policy);
        this.queue = policy.build();
        return this;
    }

    /** As {@link LoadBalancerBuilder#noQueue}; those who wait already go on, and who comes meanwhile is refused. */
    public Reconfiguration noQueue() {
        this.queue = null;
        return this;
    }

    /** As {@link LoadBalancerBuilder#timeouts}; what it does not set stays. */
    public Reconfiguration timeouts(Consumer<TimeoutPolicy.Builder> timeouts) {
        proxy.timeouts(timeouts);
        return this;
    }

    /** As {@link LoadBalancerBuilder#limits}; what it does not set stays. */
    public Reconfiguration limits(Consumer<LimitPolicy.Builder> limits) {
        proxy.limits(limits);
        return this;
    }

    /** The settings after the change. */
    LoadBalancerConfig config() {
        return new LoadBalancerConfig(
                proxy.config(),
                before.backends(),
                selector,
                Optional.ofNullable(slowStart),
                Optional.ofNullable(healthCheck),
                Optional.ofNullable(outliers),
                noneHealthy,
                minimumHealthy,
                onDown,
                onRecovery,
                Optional.ofNullable(queue),
                before.discovery(),
                before.discoveryPolicy());
    }
}
