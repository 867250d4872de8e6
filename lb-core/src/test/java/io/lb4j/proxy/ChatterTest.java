package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.awaitAllClosed;
import static io.lb4j.proxy.Awaiting.awaitClosed;
import static io.lb4j.proxy.Awaiting.sendBeyondPause;
import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.Peer.Received;
import io.lb4j.testing.TestBackend;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * One side closes, the other goes on sending to nobody ("chatter") while it reads what is left for it (catalogue,
 * A11 and A12). The closed side answers chatter with a reset, which must not cost the other a byte of what had arrived.
 */
class ChatterTest {
    private static final int SMALL = 8192;
    private static final long LOTS = 1_000_000;
    private static final int SLOWLY = 50_000;

    private static final int RUNS = 6;
    private static final Duration PATIENCE = Duration.ofMillis(Peer.PATIENCE_MILLIS);

    private final TestBackend backend = TestBackend.listening(SMALL);
    private final TcpProxy proxy =
            TcpProxy.builder().eventLoops(1).to("127.0.0.1", backend.port()).start();

    @AfterEach
    void close() {
        proxy.close();
        backend.close();
    }

    @Test
    void chatter_ofClientAfterBackendClosed_costsNoByteOfTheAnswer() { // A11
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            long count = sendBeyondPause(proxy, served, 1);
            closeWhenArrived(served);
            readsAllWhileChattering(client, count, 1);
        }
        awaitAllClosed(proxy, 1);
    }

    @Test
    void chatter_ofBackendAfterClientClosed_costsNoByteOfTheUpload() { // A11
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            long count = sendBeyondPause(proxy, client, 2);
            closeWhenArrived(client);
            readsAllWhileChattering(served, count, 2);
            served.close();
        }
        awaitAllClosed(proxy, 1);
    }

    @Test
    void chatter_whenTheAnswerIsOnItsWay_costsNoByteOfIt() { // A11, all of it is in the client's own socket or near it
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            served.send(LOTS, 3);
            soon().until(() -> proxy.stats().bytesToClient() == LOTS);
            served.close();
            readsAllWhileChattering(client, LOTS, 3);
        }
        awaitAllClosed(proxy, 1);
    }

    @Test
    void chatter_unreadWhenBackendCloses_cutsTheAnswerWithAReset() { // A11, C1: closing with unread input is a reset
        for (int run = 0; run < RUNS; run++) {
            try (Peer client = Peer.connect(proxy.port(), run % 2 == 0 ? 0 : SMALL)) {
                Peer served = backend.accept();
                chatter(client, 10).join();
                served.receive(1);
                var answer = served.sendInBackground(8 * LOTS, run).thenRun(served::close);
                assertHonest(client.receiveToEnd(), 8 * LOTS, run);
                assertThat(ended(answer)).succeedsWithin(PATIENCE);
            }
        }
        awaitAllClosed(proxy, RUNS);
    }

    @Test
    void chatter_racingTheClose_neverMakesACutAnswerLookComplete() { // A11, C1
        for (int run = 0; run < RUNS; run++) {
            try (Peer client = Peer.connect(proxy.port(), run % 2 == 0 ? 0 : SMALL)) {
                Peer served = backend.accept();
                var chatter = chatter(client, 5_000);
                served.receive(1);
                var answer = served.sendInBackground(8 * LOTS, run).thenRun(served::close);
                Received received = client.receiveToEnd();
                // A reset is reported once, to whoever asks first: when that is the writer, the reader is told "end".
                boolean resetWhileSending = ended(chatter).join();
                assertHonest(resetWhileSending ? withEnd(received, End.RESET) : received, 8 * LOTS, run);
                assertThat(ended(answer)).succeedsWithin(PATIENCE);
            }
        }
        awaitAllClosed(proxy, RUNS);
    }

    @Test
    void chatter_whenBackendEndedAndReadsOn_costsNothingEitherWay() { // A12
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            var answer = served.sendInBackground(4 * LOTS, 4).thenRun(served::fin);
            var upload = client.sendInBackground(4 * LOTS, 5).thenRun(client::fin);
            var received = Background.supply(() -> client.receiveToEnd(SLOWLY));
            served.receiveAll(4 * LOTS, 5);
            served.close();
            assertThat(received.join()).isEqualTo(new Received(End.EOF, 4 * LOTS, Peer.sha256Of(4 * LOTS, 4)));
            answer.join();
            upload.join();
        }
        awaitClosed(proxy, CloseReason.COMPLETED);
    }

    @Test
    void chatter_unreadByBackendThatEnded_costsNoByteOfTheAnswer() { // A12, with unread input on every socket
        try (Peer client = Peer.connect(proxy.port(), SMALL)) {
            Peer served = backend.accept();
            var upload = client.sendInBackground(20 * LOTS, 6);
            var answer = served.sendInBackground(4 * LOTS, 7).thenRun(served::fin);
            Received received = client.receiveToEnd(SLOWLY);
            assertThat(received).isEqualTo(new Received(End.EOF, 4 * LOTS, Peer.sha256Of(4 * LOTS, 7)));
            answer.join();
            served.close();
            assertThat(ended(upload)).succeedsWithin(PATIENCE);
        }
        awaitAllClosed(proxy, 1);
    }

    /** Closes when the other end's kernel has everything, the end of stream included. */
    private static void closeWhenArrived(Peer peer) {
        try {
            peer.socket().setSoLinger(true, Peer.PATIENCE_MILLIS / 1000);
        } catch (SocketException failure) {
            throw new IllegalStateException(failure);
        }
        peer.close();
    }

    private void readsAllWhileChattering(Peer peer, long count, long seed) {
        var chatter = chatter(peer, 1_000);
        assertThat(peer.receiveToEnd(SLOWLY)).isEqualTo(new Received(End.EOF, count, Peer.sha256Of(count, seed)));
        chatter.join();
    }

    /** Sends on and on, in small pieces. */
    private static CompletableFuture<Void> chatter(Peer peer, int pieces) {
        byte[] piece = new byte[1024];
        return Background.run(() -> {
            for (int i = 0; i < pieces; i++) {
                peer.send(piece);
            }
        });
    }

    /** Whether it failed, once it has ended. */
    private static CompletableFuture<Boolean> ended(CompletableFuture<Void> sending) {
        return sending.handle((done, failure) -> failure != null);
    }

    private static Received withEnd(Received received, End end) {
        return new Received(end, received.count(), received.sha256());
    }

    /** Cut off means reset. Complete may be either, because the reset can come after the last byte. */
    private static void assertHonest(Received received, long count, long seed) {
        assertThat(received.sha256()).isEqualTo(Peer.sha256Of(received.count(), seed));
        assertThat(received.end()).isNotEqualTo(End.TIMEOUT);
        if (received.count() < count) {
            assertThat(received.end())
                    .as("end after %d of %d bytes", received.count(), count)
                    .isEqualTo(End.RESET);
        }
    }
}
