package io.lb4j.event;

/** Is told of connections, and of backends that go up or down. All methods do nothing unless overridden. */
public interface LoadBalancerListener extends ConnectionListener {
    /**
     * A backend's status changed: for one backend UP and DOWN strictly alternate. Comes on the control thread, after
     * the change took effect. The rules of {@link ConnectionListener} hold here as well.
     */
    default void backendStatusChanged(BackendStatusChanged event) {}
}
