package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps the events of connections. */
public final class RecordingListener implements LoadBalancerListener {
    private final List<ConnectionOpened> opened = new CopyOnWriteArrayList<>();
    private final List<ConnectionSummary> closed = new CopyOnWriteArrayList<>();

    @Override
    public void connectionOpened(ConnectionOpened event) {
        opened.add(event);
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        closed.add(summary);
    }

    public List<ConnectionOpened> opened() {
        return opened;
    }

    public List<ConnectionSummary> closed() {
        return closed;
    }

    /** Waits for the end of the only connection there was. */
    public ConnectionSummary awaitClosed() {
        await().pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> assertThat(closed).hasSize(1));
        return closed.get(0);
    }
}
