package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.proxy.DrainResult;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tests and step-by-step programs wait for: a status, a moment without connections, the result of a drain. */
@Timeout(40)
class AwaitTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.echoing());
    private final AtomicBoolean healthy = new AtomicBoolean(true);
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .backend(Backend.of("127.0.0.1", backend.port()).withId("a"))
            .healthCheck(check -> check.checker((one, timeout) -> check(healthy.get()))
                    .interval(Duration.ofMillis(20))
                    .timeout(Duration.ofSeconds(5)))
            .start());

    @Test
    void awaitStatus_comesToIt_returnsTrue() throws InterruptedException {
        assertThat(lb.backends().awaitStatus("a", BackendStatus.UP, LONG)).isTrue();
        healthy.set(false);
        assertThat(lb.backends().awaitStatus("a", BackendStatus.DOWN, LONG)).isTrue();
        healthy.set(true);
        assertThat(lb.backends().awaitStatus("a", BackendStatus.UP, LONG)).isTrue();
    }

    @Test
    void awaitStatus_doesNotCome_returnsFalseAfterThatTime() throws InterruptedException {
        assertThat(lb.backends().awaitStatus("a", BackendStatus.DISABLED, Duration.ofMillis(10)))
                .isFalse();
        assertThat(lb.backends().awaitStatus("a", BackendStatus.DISABLED, Duration.ZERO))
                .isFalse();
    }

    @Test
    void awaitStatus_nobodyOfThatId_throws() {
        assertThatThrownBy(() -> lb.backends().awaitStatus("b", BackendStatus.UP, LONG))
                .isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> lb.backends().awaitStatus("a", BackendStatus.UP, Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void awaitStatus_removedMeanwhile_throws() {
        CompletableFuture<Boolean> waiting =
                Background.supply(() -> lb.backends().awaitStatus("a", BackendStatus.DISABLED, LONG));
        lb.backends().remove("a").join();
        assertThat(waiting)
                .failsWithin(LONG)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void awaitIdle_waitsForTheLastConnection() throws InterruptedException {
        try (Peer client = Peer.connect(lb.port())) {
            assertThat(client.send("a").receiveText(1)).isEqualTo("a");
            assertThat(lb.awaitIdle(Duration.ofMillis(10))).isFalse();
            client.fin().receiveToEnd();
        }
        assertThat(lb.awaitIdle(LONG)).isTrue();
    }

    @Test
    void drain_joined_hasTheResult() {
        CompletableFuture<DrainResult> drained = lb.backends().drain("a", LONG);
        assertThat(drained.join()).isEqualTo(new DrainResult(0, 0));
        assertThat(lb.drain(Duration.ZERO).join()).isEqualTo(new DrainResult(0, 0));
        assertThat(lb.whenClosed()).succeedsWithin(LONG);
    }

    /** A result is the caller's own: completing or cancelling it ends nothing and tells nobody else. */
    @Test
    void result_completedByItsHolder_isNobodyElses() {
        CompletableFuture<Void> mine = lb.whenClosed();
        CompletableFuture<Void> others = lb.whenClosed();
        assertThat(mine.complete(null)).isTrue();
        assertThat(lb.isClosed()).isFalse();
        assertThat(others).isNotDone();
    }

    private static void check(boolean passes) {
        if (!passes) {
            throw new IllegalStateException("on purpose");
        }
    }
}
