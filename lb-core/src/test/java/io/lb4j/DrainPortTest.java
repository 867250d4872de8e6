package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.LoadBalancerListener;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a drained balancer's port is free, and how long clients find it open. */
class DrainPortTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 16})
    void drain_hasReturned_thePortCanBeListenedOnAtOnce(int loops) { // E3
        try (TestBackend backend = TestBackend.echoing()) {
            LoadBalancer lb = startOutsideOfTheEphemeralPorts(backend, loops);
            int port = lb.port();
            for (int i = 0; i < 100; i++) {
                try (Peer client = Peer.connect(port)) {
                    client.send("x");
                    client.receive(1);
                    lb.drain(Duration.ZERO);
                    lb = start(backend, loops, port);
                }
            }
            lb.close();
        }
    }

    @Test
    void drain_withALameDuckTime_saysItIsDrainingAndGoesOnAccepting() throws Exception { // E11
        CountDownLatch ended = new CountDownLatch(1);
        try (TestBackend backend = TestBackend.echoing();
                LoadBalancer lb = LoadBalancer.builder()
                        .listen("127.0.0.1", 0)
                        .backend("127.0.0.1", backend.port())
                        .listener(new LoadBalancerListener() {
                            @Override
                            public void listeningEnded() {
                                ended.countDown();
                            }
                        })
                        .start()) {
            lb.drain(Duration.ofHours(1), Duration.ofMinutes(1));
            assertThat(lb.state()).isEqualTo(LoadBalancerState.DRAINING);
            try (Peer client = Peer.connect(lb.port())) {
                client.send("x");
                client.receive(1);
            }
            assertThat(ended.getCount()).isEqualTo(1);
            lb.drain(Duration.ZERO);
            assertThat(ended.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(lb.awaitClosed(Duration.ofMillis(Peer.PATIENCE_MILLIS))).isTrue();
        }
    }

    /** A port that no client gets as its own while it is free for a moment. */
    private static LoadBalancer startOutsideOfTheEphemeralPorts(TestBackend backend, int loops) {
        while (true) {
            try {
                return start(backend, loops, ThreadLocalRandom.current().nextInt(20_000, 30_000));
            } catch (UncheckedIOException taken) {
                assertThat(taken).hasMessageContaining("in use");
            }
        }
    }

    private static LoadBalancer start(TestBackend backend, int loops, int port) {
        return LoadBalancer.builder()
                .listen("127.0.0.1", port)
                .eventLoops(loops)
                .backend("127.0.0.1", backend.port())
                .noHealthCheck()
                .start();
    }
}
