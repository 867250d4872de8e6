package io.lb4j.proxy;

import io.lb4j.internal.util.Checks;
import java.util.function.Consumer;

/**
 * The settings of a {@link TcpProxy} that can be changed while it runs. Each setter checks its value at once. Not
 * thread-safe.
 *
 * @param <S> what the setters return: this
 */
public abstract sealed class ProxySettings<S extends ProxySettings<S>> permits TcpProxyBuilder, ProxyReconfiguration {
    private TimeoutPolicy timeouts;
    private LimitPolicy limits;

    ProxySettings(TimeoutPolicy timeouts, LimitPolicy limits) {
        this.timeouts = timeouts;
        this.limits = limits;
    }

    abstract S self();

    /**
     * How long things may take; the builder handed in holds the present values, so that calls add up. Throws what {@code
     * timeouts} throws, and then nothing has changed.
     */
    public S timeouts(Consumer<TimeoutPolicy.Builder> timeouts) {
        this.timeouts =
                Checks.filled("timeouts", timeouts, this.timeouts.toBuilder()).build();
        return self();
    }

    /**
     * How much there may be at a time; the builder handed in holds the present values, so that calls add up. Throws what
     * {@code limits} throws, and then nothing has changed.
     */
    public S limits(Consumer<LimitPolicy.Builder> limits) {
        this.limits = Checks.filled("limits", limits, this.limits.toBuilder()).build();
        return self();
    }

    TimeoutPolicy timeouts() {
        return timeouts;
    }

    LimitPolicy limits() {
        return limits;
    }
}
