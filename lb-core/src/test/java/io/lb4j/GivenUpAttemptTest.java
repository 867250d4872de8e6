package io.lb4j;

import static io.lb4j.ConnectFailoverTest.acceptAfterFillers;
import static io.lb4j.ConnectFailoverTest.statsOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.health.HealthChecker;
import io.lb4j.selection.BackendSelector;
import io.lb4j.stats.BackendStats;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A backend goes DOWN while it is being connected to. The time for an attempt is longer than any test waits. */
class GivenUpAttemptTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final EventLog events = new EventLog();
    private final Set<Integer> failing = ConcurrentHashMap.newKeySet();
    private final HealthChecker byPort = (backend, timeout) -> {
        if (failing.contains(backend.port())) {
            throw new ConnectException("fails its checks");
        }
    };
    private final TestBackend silent = resources.add(TestBackend.stalled());
    private final TestBackend echoing = resources.add(TestBackend.echoing());
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .backend(Backend.of("127.0.0.1", silent.port()).withPriority(0))
            .backend(Backend.of("127.0.0.1", echoing.port()).withPriority(1))
            .selector(BackendSelector.first())
            .healthCheck(check -> check.checker(byPort)
                    .interval(Duration.ofMillis(20))
                    .unhealthyAfter(1)
                    .healthyAfter(1))
            .noOutlierDetection()
            .timeouts(timeouts -> timeouts.connect(Duration.ofMinutes(5)))
            .listener(events)
            .start());

    @Test
    void backend_downWhileItIsTried_anotherOneServes() {
        try (Peer client = Peer.connect(lb.port())) {
            awaitAttempt();
            failing.add(silent.port());
            client.send("hello");
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }
        ConnectAttemptFailed event = events.await(ConnectAttemptFailed.class);
        assertThat(event.kind()).isEqualTo(ConnectFailure.CALLED_OFF);
        assertThat(event.attempt()).isEqualTo(1);
        assertThat(event.backend().port()).isEqualTo(silent.port());
        BackendStats stats = statsOf(lb, silent.port());
        assertThat(stats.connectFailuresTotal())
                .as("the check's failure is not its second one")
                .isZero();
        assertThat(stats.active()).isZero();
        assertThat(lb.stats().proxy().connectFailures(ConnectFailure.CALLED_OFF))
                .isEqualTo(1);
    }

    @Test
    void backend_downWhileItIsTriedAndNoOtherIsUp_isWaitedFor() {
        failing.add(echoing.port());
        awaitStatus(echoing, BackendStatus.DOWN);
        expectWaitsForTheOneThatGoesDown();
    }

    @Test
    void backend_downWhileItIsTriedForTheLastTime_isWaitedFor() {
        lb.reconfigure(change -> change.limits(limits -> limits.connectAttempts(1)));
        expectWaitsForTheOneThatGoesDown();
    }

    private void expectWaitsForTheOneThatGoesDown() {
        try (Peer client = Peer.connect(lb.port())) {
            awaitAttempt();
            failing.add(silent.port());
            awaitStatus(silent, BackendStatus.DOWN);
            Peer served = acceptAfterFillers(silent);
            client.send("hello");
            assertThat(served.receiveText(5)).isEqualTo("hello");
        }
        assertThat(events.of(ConnectAttemptFailed.class)).isEmpty();
    }

    private void awaitAttempt() {
        await().until(() -> statsOf(lb, silent.port()).active() == 1);
    }

    private void awaitStatus(TestBackend backend, BackendStatus status) {
        await().until(() -> lb.backends().list().stream()
                .anyMatch(state -> state.backend().port() == backend.port() && state.status() == status));
    }
}
