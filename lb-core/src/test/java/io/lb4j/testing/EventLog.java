package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** Keeps everything a listener is told, in its order. */
public final class EventLog implements LoadBalancerListener {
    /** An event without a type of its own. */
    public enum Plain {
        ACCEPT_RESUMED,
        RECONFIGURED
    }

    /** A backend that was added or removed. */
    public record Membership(Backend backend, boolean added) {}

    private final List<Object> events = new CopyOnWriteArrayList<>();

    public List<Object> events() {
        return events;
    }

    public <E> List<E> of(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Waits for the first event of this type. */
    public <E> E await(Class<E> type) {
        return await(type, 1).get(0);
    }

    /** Waits for so many events of this type. */
    public <E> List<E> await(Class<E> type, int count) {
        Awaitility.await().pollInterval(Duration.ofMillis(2)).untilAsserted(() -> assertThat(of(type))
                .hasSizeGreaterThanOrEqualTo(count));
        return of(type);
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        events.add(event);
    }

    @Override
    public void backendSelected(BackendSelected event) {
        events.add(event);
    }

    @Override
    public void connectAttemptFailed(ConnectAttemptFailed event) {
        events.add(event);
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        events.add(event);
    }

    @Override
    public void connectionHalfClosed(ConnectionHalfClosed event) {
        events.add(event);
    }

    @Override
    public void connectionRefused(ConnectionRefused event) {
        events.add(event);
    }

    @Override
    public void connectionClosed(ConnectionSummary event) {
        events.add(event);
    }

    @Override
    public void acceptPaused(AcceptPaused event) {
        events.add(event);
    }

    @Override
    public void acceptResumed() {
        events.add(Plain.ACCEPT_RESUMED);
    }

    @Override
    public void backendAdded(Backend backend) {
        events.add(new Membership(backend, true));
    }

    @Override
    public void backendRemoved(Backend backend) {
        events.add(new Membership(backend, false));
    }

    @Override
    public void backendStatusChanged(BackendStatusChanged event) {
        events.add(event);
    }

    @Override
    public void healthCheckEnded(HealthCheckEnded event) {
        events.add(event);
    }

    @Override
    public void drainBegan(DrainBegan event) {
        events.add(event);
    }

    @Override
    public void drainEnded(DrainEnded event) {
        events.add(event);
    }

    @Override
    public void reconfigured() {
        events.add(Plain.RECONFIGURED);
    }
}
