package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients who connect and are gone before anybody has looked: a flood of them is none on the backends. */
class GoneClientsTest {
    private static final int CLIENTS = 200;

    /** Of so many who come in vain to be heard, one at least is heard. */
    private static final int MOST_NOT_HEARD = 15;

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener listener = new RecordingListener();

    @Test
    void clientsWhoAreGone_whenTheyAreAccepted_costNoBackendAConnection() {
        TestBackend backend = resources.add(TestBackend.echoing());
        CountDownLatch mayGoOn = new CountDownLatch(1);
        CountDownLatch isHeld = new CountDownLatch(1);
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .eventLoops(1)
                .backend("127.0.0.1", backend.port())
                .noHealthCheck()
                .selector((candidates, connection) -> {
                    isHeld.countDown();
                    await().until(() -> mayGoOn.getCount() == 0);
                    return candidates.get(0);
                })
                .listener(listener)
                .start());
        Peer first = resources.add(Peer.connect(lb.port()));
        await().until(() -> isHeld.getCount() == 0);
        for (int i = 0; i < CLIENTS; i++) {
            Peer.connect(lb.port()).rst();
        }
        mayGoOn.countDown();
        await().until(() -> listener.closed().size() == CLIENTS);

        assertThat(listener.closed()).allSatisfy(summary -> {
            assertThat(summary.reason()).isEqualTo(CloseReason.CLIENT_RESET);
            assertThat(summary.endedBy()).isEqualTo(Party.CLIENT);
        });
        assertThat(listener.closed())
                .filteredOn(summary -> summary.attempts() > 0)
                .hasSizeLessThanOrEqualTo(MOST_NOT_HEARD);
        assertThat(listener.closed())
                .filteredOn(summary -> summary.phase() == ConnectionPhase.ARRIVING)
                .hasSizeGreaterThanOrEqualTo(CLIENTS - MOST_NOT_HEARD)
                .extracting(ConnectionSummary::terminationCode)
                .containsOnly("CR");
        assertThat(lb.stats().proxy().accepted()).isEqualTo(CLIENTS + 1);
        assertThat(first.send("still here").receiveText(10)).isEqualTo("still here");
    }
}
