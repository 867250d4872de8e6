package io.lb4j.event;

/** Is told of connections, and of backends that go up or down. All methods do nothing unless overridden. */
public interface LoadBalancerListener extends ConnectionListener {
    /**
     * A backend's status changed: for one backend UP and DOWN strictly alternate. Comes on the control thread, after
     * the change took effect. It must not block: while it runs, no health check begins or counts. What it throws is
     * logged and has no other effect; a call that takes long is reported in the log.
     */
    default void backendStatusChanged(BackendStatusChanged event) {}
}
