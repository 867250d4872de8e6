package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitAllClosed;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both sides end at the same moment (catalogue, A): whoever wins, each connection ends once and leaves nothing. */
class EndingRacesTest {
    private static final int RUNS = 1_000;

    /** From Linux's {@code tcp_states.h}: the two states in which a socket waits for somebody to close it. */
    private static final List<String> FORGOTTEN = List.of("05", "08");

    private final Semaphore opened = new Semaphore(0);
    private final TestBackend backend = TestBackend.listening();
    private final TcpProxy proxy = TcpProxy.builder()
            .eventLoops(2)
            .to("127.0.0.1", backend.port())
            .listener(new ConnectionListener() {
                @Override
                public void connectionOpened(ConnectionOpened event) {
                    opened.release();
                }
            })
            .start();
    private final CyclicBarrier barrier = new CyclicBarrier(2);

    @AfterEach
    void close() {
        proxy.close();
        backend.close();
    }

    /** What one side does in run number {@code run}. */
    private interface Act {
        void on(Peer peer, int run);
    }

    @Test
    void end_ofBothSidesAtOnce_endsBothStreamsCleanly() { // A3
        Act endThenRead = (peer, run) -> {
            peer.fin();
            assertThat(peer.receiveToEnd().end()).isEqualTo(End.EOF);
        };
        race(RUNS, endThenRead, endThenRead);
        assertThat(proxy.stats().closed(CloseReason.COMPLETED)).isEqualTo(RUNS);
        soon().untilAsserted(() -> assertThat(forgottenSockets()).isEmpty());
    }

    @Test
    void reset_racingTheOtherSidesEnd_endsEachConnectionOnce() { // A18
        Act resets = (peer, run) -> peer.rst();
        Act ends = (peer, run) -> {
            if (run % 2 == 0) {
                peer.fin();
            }
        };
        race(2 * RUNS, alternating(resets, ends), alternating(ends, resets));
    }

    @Test
    void reset_racingDataAndEnd_endsEachConnectionOnce() { // A18
        Act resets = (peer, run) -> {
            sendIfAlive(peer);
            peer.rst();
        };
        Act ends = (peer, run) -> {
            sendIfAlive(peer);
            peer.fin();
        };
        race(2 * RUNS, alternating(resets, ends), alternating(ends, resets));
    }

    @Test
    void reset_byBothSidesAtOnce_endsEachConnectionOnce() { // A18
        Act resets = (peer, run) -> peer.rst();
        race(RUNS, resets, resets);
    }

    private static Act alternating(Act inEvenPairs, Act inOddPairs) {
        return (peer, run) -> (run / 2 % 2 == 0 ? inEvenPairs : inOddPairs).on(peer, run);
    }

    /** Lets a client and its backend act at the same moment, again and again. */
    private void race(int runs, Act clientAct, Act backendAct) {
        var backendSide = Background.run(() -> {
            for (int run = 0; run < runs; run++) {
                try (Peer served = backend.accept()) {
                    meet();
                    backendAct.on(served, run);
                }
            }
        });
        for (int run = 0; run < runs; run++) {
            try (Peer client = Peer.connect(proxy.port())) {
                // A reset before the backend is connected would be a failed attempt to connect.
                opened.acquireUninterruptibly();
                meet();
                clientAct.on(client, run);
            }
        }
        backendSide.join();
        awaitAllClosed(proxy, runs);
    }

    private static void sendIfAlive(Peer peer) {
        try {
            peer.send("x");
        } catch (UncheckedIOException resetByTheOther) {
            // It was faster.
        }
    }

    private void meet() {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** The lines of the kernel's socket table that show a forgotten socket of this test; none if there is no table. */
    private List<String> forgottenSockets() throws IOException {
        List<String> ports = Stream.of(proxy.port(), backend.port())
                .map(port -> String.format(":%04X", port))
                .toList();
        return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                .map(Path::of)
                .filter(Files::exists)
                .flatMap(EndingRacesTest::lines)
                .filter(line -> isForgotten(line.trim().split("\\s+"), ports))
                .toList();
    }

    /** Columns: number, local address, remote address, state, ... */
    private static boolean isForgotten(String[] columns, List<String> ports) {
        return FORGOTTEN.contains(columns[3])
                && ports.stream().anyMatch(port -> columns[1].endsWith(port) || columns[2].endsWith(port));
    }

    private static Stream<String> lines(Path table) {
        try {
            return Files.readAllLines(table).stream();
        } catch (IOException gone) {
            return Stream.empty();
        }
    }
}
