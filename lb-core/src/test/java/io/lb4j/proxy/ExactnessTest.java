package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitAllClosed;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Background;
import io.lb4j.testing.ErraticTraffic;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every byte arrives, once and in order (catalogue, B5 and B12). The system properties {@code lb4j.exactness.mib}
 * (for each direction of each connection), {@code .connections} and {@code .seed} make more of it.
 */
class ExactnessTest {
    private static final int MIB = Integer.getInteger("lb4j.exactness.mib", 4);
    private static final int CONNECTIONS = Integer.getInteger("lb4j.exactness.connections", 12);
    private static final long SEED = Long.getLong("lb4j.exactness.seed", System.nanoTime());

    private final TestBackend backend = TestBackend.listening();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    @Timeout(value = 6, unit = TimeUnit.HOURS)
    void bytes_cutAtRandomInBothDirections_arriveExactly() { // B5
        try (TcpProxy proxy =
                TcpProxy.builder().eventLoops(2).to("127.0.0.1", backend.port()).start()) {
            List<CompletableFuture<Void>> steps = new ArrayList<>();
            SplittableRandom chance = new SplittableRandom(SEED);
            for (int i = 0; i < CONNECTIONS; i++) {
                steps.addAll(talk(proxy, SEED + 10L * i, chance));
            }
            assertThat(allOf(steps))
                    .as("-Dlb4j.exactness.seed=%d", SEED)
                    .succeedsWithin(60L + MIB * CONNECTIONS, TimeUnit.SECONDS);
            awaitAllClosed(proxy, CONNECTIONS);
            assertThat(proxy.stats().closed(CloseReason.COMPLETED)).isEqualTo(CONNECTIONS);
            assertThat(proxy.stats().bytesToBackend()).isEqualTo(bytesPerDirection() * CONNECTIONS);
            assertThat(proxy.stats().bytesToClient()).isEqualTo(bytesPerDirection() * CONNECTIONS);
            assertThat(proxy.stats().resumes()).isEqualTo(proxy.stats().pauses());
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void counters_beyondFourGibibytes_areRight() { // B12
        long count = (4L << 30) + (64 << 20);
        CompletableFuture<ConnectionSummary> summary = new CompletableFuture<>();
        try (TcpProxy proxy = TcpProxy.builder()
                        .eventLoops(1)
                        .to("127.0.0.1", backend.port())
                        .listener(completing(summary))
                        .start();
                Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            var sending = sendZeros(served, count);
            assertThat(countToEnd(client)).isEqualTo(count);
            sending.join();
            client.fin();
            assertThat(summary.join().bytesToClient()).isEqualTo(count);
            assertThat(proxy.stats().bytesToClient()).isEqualTo(count);
        }
    }

    /** Both sides send and check at the same time; small and large socket buffers. */
    private List<CompletableFuture<Void>> talk(TcpProxy proxy, long seed, SplittableRandom chance) {
        Peer client = Peer.connect(proxy.port(), chance.nextBoolean() ? 0 : chance.nextInt(4_096, 262_144));
        Peer served = backend.accept();
        ErraticTraffic up = new ErraticTraffic(bytesPerDirection(), seed);
        ErraticTraffic down = new ErraticTraffic(bytesPerDirection(), seed + 5);
        List<CompletableFuture<Void>> steps = List.of(
                Background.run(() -> up.send(client)),
                Background.run(() -> up.check(served)),
                Background.run(() -> down.send(served)),
                Background.run(() -> down.check(client)));
        // One step that fails would leave the others waiting for it.
        Runnable close = () -> {
            client.close();
            served.close();
        };
        steps.forEach(step -> step.exceptionally(failure -> {
            close.run();
            return null;
        }));
        allOf(steps).thenRun(close);
        return steps;
    }

    private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> steps) {
        return CompletableFuture.allOf(steps.toArray(CompletableFuture[]::new));
    }

    private static long bytesPerDirection() {
        return (long) MIB << 20;
    }

    private static CompletableFuture<Void> sendZeros(Peer peer, long count) {
        return Background.run(() -> {
            byte[] zeros = new byte[1 << 20];
            OutputStream out = peer.socket().getOutputStream();
            for (long sent = 0; sent < count; sent += zeros.length) {
                out.write(zeros);
            }
            peer.fin();
        });
    }

    private static long countToEnd(Peer peer) {
        try {
            byte[] buffer = new byte[1 << 20];
            InputStream in = peer.socket().getInputStream();
            long count = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                count += n;
            }
            return count;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static ConnectionListener completing(CompletableFuture<ConnectionSummary> future) {
        return new ConnectionListener() {
            @Override
            public void connectionClosed(ConnectionSummary summary) {
                future.complete(summary);
            }
        };
    }
}
