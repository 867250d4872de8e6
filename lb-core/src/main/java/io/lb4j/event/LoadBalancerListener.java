package io.lb4j.event;

import io.lb4j.backend.Backend;
import java.util.concurrent.Executor;

/**
 * Is told of connections, and of what happens to backends and the balancer. All methods do nothing unless overridden.
 *
 * <p>The calls declared here come on the control thread, one after another, in the order in which the changes took
 * effect, and after they did. A listener must not block: while it runs, no health check begins or counts. What it throws
 * is logged (at most once a second) and has no other effect; a call that takes long is reported in the log.
 */
public interface LoadBalancerListener extends ConnectionListener {
    /**
     * A backend was added; also each of those that the balancer began with, and one that leaves when it gets another id
     * because a new one has its own.
     */
    default void backendAdded(Backend backend) {}

    /**
     * A backend is here no more: it was removed, and has no connection. While it has some, it is told as LEAVING by
     * {@link #backendStatusChanged}, and may come back.
     */
    default void backendRemoved(Backend backend) {}

    /** A backend's status changed: for one backend UP and DOWN strictly alternate. */
    default void backendStatusChanged(BackendStatusChanged event) {}

    /** A health check passed or failed. */
    default void healthCheckEnded(HealthCheckEnded event) {}

    /** A drain of a backend or of the whole balancer began. */
    default void drainBegan(DrainBegan event) {}

    /** A drain is over. One that was called off has no end. */
    default void drainEnded(DrainEnded event) {}

    /**
     * Settings have changed, or a frontend or a pool has come or gone: the balancer's {@code config()}, {@code frontends()}
     * and {@code pools()} have what there is now.
     */
    default void reconfigured() {}

    /**
     * A listener that hands every call on to another one through an executor: for listeners that block. Calls come there
     * one at a time and in their order. Of what happens while {@link AsyncListener#CAPACITY} calls wait, nothing is told;
     * {@link AsyncListener#dropped} counts it.
     *
     * @param listener is called by tasks of the executor
     * @param executor runs the tasks; what it rejects is dropped. It is not shut down with the balancer
     */
    static AsyncListener async(LoadBalancerListener listener, Executor executor) {
        return new AsyncListener(listener, executor);
    }
}
