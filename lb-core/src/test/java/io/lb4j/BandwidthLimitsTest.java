package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.proxy.LimitPolicy;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Bandwidths on real sockets. Nothing here says how fast something is: what is checked is that it is not faster than its
 * limit, and that what takes hours at its limit is over when it has to be.
 */
class BandwidthLimitsTest {
    /** A second's worth of what is transferred here, and what may pass at once. */
    private static final long RATE = 400_000;

    private static final long BURST = RATE / 10;
    private static final long SIZE = 300_000;
    private static final long HUGE = 4_000_000;

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener listener = new RecordingListener();

    private LoadBalancer start(
            TestBackend backend, Consumer<FrontendBuilder> frontend, Consumer<LimitPolicy.Builder> limits) {
        return resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend)
                .backend("127.0.0.1", backend.port())
                .noHealthCheck()
                .limits(limits)
                .listener(listener)
                .start());
    }

    private TestBackend sending(long count) {
        return resources.add(TestBackend.serving(peer -> peer.send(count, 5).fin()));
    }

    /** From when the first of these clients connects until all have all. */
    private static Duration download(long count, int port, String... clients) {
        long began = System.nanoTime();
        List<Peer> peers = new ArrayList<>();
        List<CompletableFuture<Peer.Received>> received = new ArrayList<>();
        for (String client : clients) {
            Peer peer = Peer.connectFrom(client, port).fin();
            peers.add(peer);
            received.add(peer.receiveToEndInBackground());
        }
        Peer.Received all = new Peer.Received(Peer.End.EOF, count, Peer.sha256Of(count, 5));
        received.forEach(one -> assertThat(one.join()).isEqualTo(all));
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        peers.forEach(Peer::close);
        return took;
    }

    private static Duration least(long bytes) {
        return Duration.ofNanos((bytes - BURST) * TimeUnit.SECONDS.toNanos(1) / RATE);
    }

    @Test
    void connection_withABandwidth_isNoFaster_andCompleteToTheByte() {
        LoadBalancer lb = start(sending(SIZE), frontend -> frontend.bandwidth(each -> each.toClient(RATE)), all -> {});
        assertThat(download(SIZE, lb.port(), "127.0.0.1")).isGreaterThan(least(SIZE));
    }

    @Test
    void connection_withABandwidthToItsBackend_isNoFaster_andCompleteToTheByte() {
        TestBackend backend = resources.add(TestBackend.serving(peer -> {
            peer.receiveAll(SIZE, 7);
            peer.send("all").fin();
        }));
        LoadBalancer lb = start(backend, frontend -> frontend.bandwidth(each -> each.toBackend(RATE)), all -> {});
        long began = System.nanoTime();
        try (Peer client = Peer.connect(lb.port())) {
            client.send(SIZE, 7).fin();
            assertThat(client.receiveText(3)).isEqualTo("all");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(least(SIZE));
    }

    @Test
    void otherDirection_isNotHeldBack() {
        LoadBalancer lb = start(sending(HUGE), frontend -> frontend.bandwidth(each -> each.toBackend(1)), all -> {});
        download(HUGE, lb.port(), "127.0.0.1");
    }

    @Test
    void connectionsOfOneClient_shareHisBandwidth() {
        LoadBalancer lb = start(
                sending(SIZE / 2),
                frontend -> frontend.clientLimits(client -> client.bandwidth(all -> all.toClient(RATE))),
                all -> {});
        assertThat(download(SIZE / 2, lb.port(), "127.0.0.1", "127.0.0.1")).isGreaterThan(least(SIZE));
        await().untilAsserted(() -> assertThat(listener.closed()).hasSize(2));
    }

    @Test
    void client_whoIsExempt_isNotHeldBack() {
        LoadBalancer lb = start(
                sending(HUGE),
                frontend -> frontend.clientLimits(
                        client -> client.bandwidth(all -> all.toClient(1)).exempt("127.0.0.9")),
                all -> {});
        download(HUGE, lb.port(), "127.0.0.9");
    }

    @Test
    void allConnections_shareTheBandwidthOfTheBalancer() {
        LoadBalancer lb =
                start(sending(SIZE / 2), frontend -> {}, limits -> limits.bandwidth(all -> all.toClient(RATE)));
        assertThat(download(SIZE / 2, lb.port(), "127.0.0.1", "127.0.0.2")).isGreaterThan(least(SIZE));
    }

    @Test
    void bandwidthOfAll_thatIsTakenAway_holdsNobodyBackAnyMore() {
        LoadBalancer lb = start(sending(HUGE), frontend -> {}, limits -> limits.bandwidth(all -> all.toClient(20_000)));
        try (Peer client = Peer.connect(lb.port())) {
            CompletableFuture<Peer.Received> received = client.receiveToEndInBackground();
            await().until(() -> listener.opened().size() == 1);
            lb.reconfigure(change -> change.limits(limits -> limits.noBandwidth()));
            assertThat(lb.config().proxy().limits().bandwidth()).isEmpty();
            assertThat(received.join().count()).isEqualTo(HUGE);
        }
    }

    @Test
    void bandwidthOfAll_thatIsRaised_holdsAtOnce() {
        LoadBalancer lb = start(sending(HUGE), frontend -> {}, limits -> limits.bandwidth(all -> all.toClient(20_000)));
        try (Peer client = Peer.connect(lb.port())) {
            CompletableFuture<Peer.Received> received = client.receiveToEndInBackground();
            await().until(() -> listener.opened().size() == 1);
            lb.reconfigure(change -> change.limits(limits -> limits.bandwidth(all -> all.toClient(1_000_000_000))));
            assertThat(received.join().count()).isEqualTo(HUGE);
        }
    }

    @Test
    void bandwidthOfAFrontend_thatIsChanged_holdsForWhoeverComesThen() {
        LoadBalancer lb =
                start(sending(HUGE), frontend -> frontend.name("f").bandwidth(each -> each.toClient(1)), all -> {});
        try (Peer before = Peer.connect(lb.port())) {
            await().until(() -> listener.opened().size() == 1);
            lb.frontend("f").reconfigure(change -> change.noBandwidth());
            download(HUGE, lb.port(), "127.0.0.1");
            assertThat(before.receive(16_384)).hasSize(16_384);
            await().until(() -> listener.closed().size() == 1);
            assertThat(lb.stats().proxy().active()).isEqualTo(1);
        }
    }

    // ---- whoever is not read from ends all the same

    private void assertEnds(CloseReason reason) {
        await().untilAsserted(() -> assertThat(listener.closed())
                .singleElement()
                .satisfies(summary -> assertThat(summary.reason()).isEqualTo(reason)));
    }

    /** What happens when the client has the burst of what its backend has sent, and the rest is held back. */
    private interface Scene {
        void play(LoadBalancer lb, Peer client, Peer serving);
    }

    /** At one byte a second what is sent here takes weeks. */
    private void whileHeldBack(Scene scene) {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(backend, frontend -> frontend.bandwidth(each -> each.toClient(1)), all -> {});
        try (Peer client = Peer.connect(lb.port());
                Peer serving = backend.accept()) {
            serving.send(100_000, 5);
            client.receive(16_384);
            scene.play(lb, client, serving);
        }
    }

    @Test
    void client_thatResets_whileItsBackendIsHeldBack_isNoticed() {
        whileHeldBack((lb, client, serving) -> {
            client.rst();
            assertEnds(CloseReason.CLIENT_RESET);
            assertThat(serving.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        });
    }

    @Test
    void backend_thatIsHeldBack_hearsTheEndOfTheClientAtOnce() {
        whileHeldBack((lb, client, serving) -> {
            client.send("bye").fin();
            assertThat(serving.receiveText(3)).isEqualTo("bye");
            assertThat(serving.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
        });
    }

    /** What had arrived before passes as fast as it may; then the reset does. */
    @Test
    void backend_thatIsReset_whileItIsHeldBack_isAResetToTheClientBehindWhatItSent() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(backend, frontend -> frontend.bandwidth(each -> each.toClient(1000)), all -> {});
        try (Peer client = Peer.connect(lb.port())) {
            Peer serving = backend.accept();
            serving.send(16_500, 5);
            client.receive(16_384);
            serving.rst();
            Peer.Received rest = client.receiveToEnd();
            assertThat(rest.end()).isEqualTo(Peer.End.RESET);
            assertThat(rest.count()).isEqualTo(16_500 - 16_384);
            assertEnds(CloseReason.BACKEND_RESET);
        }
    }

    @Test
    void close_whileAStreamIsHeldBack_endsIt() {
        whileHeldBack((lb, client, serving) -> {
            lb.close();
            assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            assertThat(serving.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            assertEnds(CloseReason.BALANCER_CLOSED);
        });
    }
}
