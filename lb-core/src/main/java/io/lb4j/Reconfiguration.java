package io.lb4j;

import io.lb4j.proxy.LimitPolicy;
import io.lb4j.proxy.ProxyReconfiguration;
import io.lb4j.proxy.TimeoutPolicy;
import java.util.function.Consumer;

/**
 * The settings of a running balancer that can change, for {@link LoadBalancer#reconfigure}: those of its default pool,
 * timeouts and limits. Holds the present ones; each setter checks its value at once, and the last value set wins. What is
 * not here cannot change while a balancer runs; backends change by {@link LoadBalancer#backends()}. To be used within the
 * call it was handed to, by one thread.
 */
public final class Reconfiguration extends PoolSettings<Reconfiguration> {
    private final ProxyReconfiguration proxy;

    Reconfiguration(LoadBalancerConfig before, ProxyReconfiguration proxy) {
        super(before.defaultPool());
        this.proxy = proxy;
    }

    @Override
    Reconfiguration self() {
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
}
