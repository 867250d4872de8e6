package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.proxy.DrainResult;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Two balancers, clients that never stop, and what keepalived does: it asks both and moves the address. */
class KeepalivedPairTest {
    private static final int CLIENTS = 4;

    private final AtomicReference<KeepalivedPair> address = new AtomicReference<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Queue<IOException> failures = new ConcurrentLinkedQueue<>();
    private final List<AtomicInteger> answers = new ArrayList<>();

    @Test
    void oneDrains_addressMoves_noConnectionIsLost() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (EmbeddedBackend one = EmbeddedBackend.start();
                EmbeddedBackend two = EmbeddedBackend.start()) {
            BackendDiscovery backends = BackendDiscovery.fixed(
                    List.of(Backend.of("127.0.0.1", one.port()), Backend.of("127.0.0.1", two.port())));
            try (KeepalivedPair left = KeepalivedPair.start("left", backends);
                    KeepalivedPair right = KeepalivedPair.start("right", backends)) {
                address.set(left);
                threads.execute(() -> moveTheAddress(List.of(left, right)));
                for (int i = 0; i < CLIENTS; i++) {
                    AtomicInteger count = new AtomicInteger();
                    answers.add(count);
                    threads.execute(() -> askOnAndOn(count));
                }
                assertThat(drainUnderAnOpenConnection(left, right))
                        .succeedsWithin(Duration.ofSeconds(20))
                        .satisfies(result -> assertThat(result.aborted()).isZero());
                awaitTwoMoreAnswersEach();
                end(threads);
            }
        } finally {
            end(threads);
        }
        assertThat(failures).isEmpty();
    }

    private CompletableFuture<DrainResult> drainUnderAnOpenConnection(KeepalivedPair left, KeepalivedPair right)
            throws IOException {
        try (Socket open = new Socket("127.0.0.1", left.port())) {
            awaitTwoMoreAnswersEach();
            left.balancer().drain(Duration.ofSeconds(60), Duration.ofSeconds(30));
            await().until(() -> address.get() == right);
            // Nobody is on the way to the old one any more: the lame-duck time may be over.
            awaitTwoMoreAnswersEach();
            CompletableFuture<DrainResult> drained = left.balancer().drain(Duration.ofSeconds(30));
            awaitTwoMoreAnswersEach();
            assertThat(Http.get(open)).isNotEmpty();
            return drained;
        }
    }

    private void end(ExecutorService threads) throws InterruptedException {
        over.set(true);
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private void moveTheAddress(List<KeepalivedPair> pair) {
        while (!over.get()) {
            try {
                address.set(KeepalivedPair.holder(pair));
            } catch (IOException nobodyIsWell) {
                failures.add(nobodyIsWell);
            }
        }
    }

    private void askOnAndOn(AtomicInteger count) {
        while (!over.get()) {
            try {
                Http.get(address.get().port());
                count.incrementAndGet();
            } catch (IOException lost) {
                failures.add(lost);
            }
        }
    }

    /** The second one began after this was called. */
    private void awaitTwoMoreAnswersEach() {
        List<Integer> before = answers.stream().map(AtomicInteger::get).toList();
        await().pollInterval(Duration.ofMillis(5)).untilAsserted(() -> {
            for (int i = 0; i < before.size(); i++) {
                assertThat(answers.get(i).get()).isGreaterThanOrEqualTo(before.get(i) + 2);
            }
        });
    }
}
