package io.lb4j.simulation;

import io.lb4j.backend.Backend;
import io.lb4j.event.AcceptPaused;
import io.lb4j.event.BackendSelected;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionHalfClosed;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.event.LoadBalancerListener;

/** A listener that is told of everything, and fails when its {@link Exit#LISTENER} does. */
final class FailingListener implements LoadBalancerListener {
    private final Exits exits;

    FailingListener(Exits exits) {
        this.exits = exits;
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void backendSelected(BackendSelected event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void connectAttemptFailed(ConnectAttemptFailed event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void connectionHalfClosed(ConnectionHalfClosed event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void connectionRefused(ConnectionRefused event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void acceptPaused(AcceptPaused event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void acceptResumed() {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void backendAdded(Backend backend) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void backendRemoved(Backend backend) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void backendStatusChanged(BackendStatusChanged event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void healthCheckEnded(HealthCheckEnded event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void drainBegan(DrainBegan event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void drainEnded(DrainEnded event) {
        exits.call(Exit.LISTENER);
    }

    @Override
    public void reconfigured() {
        exits.call(Exit.LISTENER);
    }
}
