package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.LimitPolicy;
import io.lb4j.proxy.ProxyReconfiguration;
import io.lb4j.proxy.TimeoutPolicy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a running balancer that can change, for {@link LoadBalancer#reconfigure}: those of its default pool,
 * timeouts and limits. Holds the present ones; each setter checks its value at once, and the last value set wins. What is
 * not here cannot change while a balancer runs; backends change by {@link LoadBalancer#backends()}, other pools by {@link
 * Pool#reconfigure}. Where there is no default pool, the words for a pool throw {@link IllegalStateException}. To be used
 * within the call it was handed to, by one thread.
 */
public final class Reconfiguration extends PoolSettings<Reconfiguration> {
    private final ProxyReconfiguration proxy;
    private final boolean hasPool;

    /** @param pool the settings of the default pool; null when there is none */
    Reconfiguration(@Nullable PoolConfig pool, ProxyReconfiguration proxy) {
        super(pool);
        hasPool = pool != null;
        this.proxy = proxy;
    }

    @Override
    Reconfiguration self() {
        if (!hasPool) {
            throw new IllegalStateException("pool " + Backend.DEFAULT_POOL
                    + ": there is none (expected: reconfigure of one of the pools there are)");
        }
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
