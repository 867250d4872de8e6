package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The polite end (catalogue, E15): nobody new, those who wait are served, the rest is told at the deadline. */
class DrainTest {
    private static final int MANY = 200;
    private static final Duration HOUR = Duration.ofHours(1);

    /** Shorter than the idle timeout. */
    private static final Duration GRACE = Duration.ofMinutes(10);

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final ManualClock clock = ManualClock.create();
    private final TestBackend backend = TestBackend.echoing();
    private final List<Peer> clients = new ArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private TcpProxy proxy;

    @AfterEach
    void close() {
        release.countDown();
        proxy.close();
        clients.forEach(Peer::close);
        backend.close();
    }

    @Test
    void drain_ofManyConnections_countsThoseThatFinishAndResetsTheRest() { // E15
        proxy = builder().eventLoops(2).start();
        connectServed(MANY);
        CompletableFuture<DrainResult> drained = drain(GRACE);
        awaitRefuses();

        // A third ends by FIN and a tenth by a reset: by themselves, both.
        List<Peer> finishing = clients.subList(0, 60);
        List<Peer> resetting = clients.subList(60, 80);
        List<Peer> staying = clients.subList(80, MANY);
        finishing.forEach(Peer::fin);
        finishing.forEach(client -> assertThat(client.receiveToEnd().end()).isEqualTo(End.EOF));
        resetting.forEach(Peer::rst);
        await().until(() -> proxy.stats().closedTotal() == 80);
        staying.forEach(DrainTest::echo);
        assertThat(drained).isNotDone();
        IdleProbe.assertIdle(proxy::stats);

        clock.advance(GRACE);
        // Wakes the loops, and cannot lengthen the grace.
        proxy.drain(HOUR);
        assertThat(drained).succeedsWithin(PATIENCE).isEqualTo(new DrainResult(80, MANY - 80));
        staying.forEach(client -> assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET));
        assertThat(proxy.isClosed()).isTrue();
        assertThat(proxy.stats().active()).isZero();
        assertThat(proxy.stats().closed(CloseReason.DRAIN_DEADLINE)).isEqualTo(MANY - 80);
        // And no thread is left: LeakCheck.
    }

    @Test
    void drain_withClientsInTheBacklog_servesThemFirst() throws Exception { // E15, J16
        CountDownLatch opened = new CountDownLatch(1);
        proxy = builder()
                .listener(new ConnectionListener() {
                    @Override
                    public void connectionOpened(ConnectionOpened event) {
                        opened.countDown();
                        awaitUninterruptibly(release);
                    }
                })
                .start();
        clients.add(Peer.connect(proxy.port()));
        opened.await();
        // The loop is held: these are in the kernel's backlog, more than one turn accepts.
        int waiting = 40;
        for (int i = 0; i < waiting; i++) {
            clients.add(Peer.connect(proxy.port()).send("hello"));
        }
        CompletableFuture<DrainResult> drained = drain(HOUR);
        release.countDown();
        for (Peer client : clients.subList(1, clients.size())) {
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }
        awaitRefuses();
        assertThat(proxy.stats().accepted()).isEqualTo(waiting + 1);
        for (Peer client : clients) {
            client.fin();
            assertThat(client.receiveToEnd().end()).isEqualTo(End.EOF);
        }
        assertThat(drained).succeedsWithin(PATIENCE).isEqualTo(new DrainResult(waiting + 1, 0));
    }

    @Test
    void drain_whileClientsConnect_servesOrRefusesButNeverHangs() { // E15, C13
        try (TestBackend stalled = TestBackend.stalled()) {
            proxy = TcpProxy.builder()
                    .eventLoops(1)
                    .platform(clock.platform())
                    .to("127.0.0.1", stalled.port())
                    .start();
            for (int i = 0; i < 5; i++) {
                clients.add(Peer.connect(proxy.port()));
            }
            await().until(() -> proxy.stats().active() == 5);
            CompletableFuture<DrainResult> drained = drain(Duration.ofSeconds(1));
            awaitRefuses();
            assertThat(drained).isNotDone();
            clock.advance(Duration.ofSeconds(1));
            proxy.drain(HOUR);
            assertThat(drained).succeedsWithin(PATIENCE).isEqualTo(new DrainResult(0, 5));
            clients.forEach(client -> assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET));
        }
    }

    @Test
    void drain_withoutConnections_endsAtOnce() {
        proxy = builder().eventLoops(2).start();
        assertThat(drain(HOUR)).succeedsWithin(PATIENCE).isEqualTo(new DrainResult(0, 0));
    }

    @Test
    void drain_onARealClock_endsSoonAfterItsGrace() { // E15
        proxy = TcpProxy.builder().eventLoops(2).to("127.0.0.1", backend.port()).start();
        connectServed(MANY);
        Duration grace = Duration.ofMillis(200);
        long began = System.nanoTime();
        assertThat(drain(grace)).succeedsWithin(PATIENCE).isEqualTo(new DrainResult(0, MANY));
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        System.out.printf("drain of %d connections with a grace of 200 ms took %d ms%n", MANY, took.toMillis());
        assertThat(took).isGreaterThanOrEqualTo(grace);
    }

    @Test
    void close_duringADrain_countsAsAborted() { // E13
        proxy = builder().start();
        connectServed(3);
        CompletableFuture<DrainResult> drained = drain(HOUR);
        clients.get(0).fin();
        await().until(() -> proxy.stats().closed(CloseReason.COMPLETED) == 1);
        proxy.close();
        assertThat(drained).succeedsWithin(PATIENCE).isEqualTo(new DrainResult(1, 2));
        assertThat(proxy.stats().closed(CloseReason.BALANCER_CLOSED)).isEqualTo(2);
    }

    @Test
    void drain_withASlowReader_deliversEverything() { // E15
        try (TestBackend flooding = TestBackend.listening()) {
            proxy = TcpProxy.builder()
                    .eventLoops(1)
                    .to("127.0.0.1", flooding.port())
                    .start();
            clients.add(Peer.connect(proxy.port(), 8192));
            Peer served = flooding.accept();
            var sent = served.sendInBackground(20_000_000, 7).thenRun(served::fin);
            await().until(() -> proxy.stats().pauses() > 0);
            CompletableFuture<DrainResult> drained = drain(HOUR);
            clients.get(0).fin();
            clients.get(0).receiveAll(20_000_000, 7);
            sent.join();
            assertThat(drained).succeedsWithin(PATIENCE).isEqualTo(new DrainResult(1, 0));
        }
    }

    // ---- the stage

    private TcpProxyBuilder builder() {
        return TcpProxy.builder().eventLoops(1).platform(clock.platform()).to("127.0.0.1", backend.port());
    }

    private void connectServed(int count) {
        for (int i = 0; i < count; i++) {
            Peer client = Peer.connect(proxy.port());
            clients.add(client);
            echo(client);
        }
    }

    private CompletableFuture<DrainResult> drain(Duration grace) {
        return proxy.drain(grace).toCompletableFuture();
    }

    /** The listening sockets are closed by the loops, in the turn after the call. A probe would be a connection. */
    private void awaitRefuses() {
        await().pollInterval(Duration.ofMillis(2)).until(() -> !isListening());
        assertThatThrownBy(() -> Peer.connect(proxy.port()).close()).hasCauseInstanceOf(ConnectException.class);
    }

    /** Whether anybody listens on the port: then binding it is refused. */
    private boolean isListening() {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(proxy.address());
            return false;
        } catch (IOException inUse) {
            return true;
        }
    }

    private static void echo(Peer client) {
        client.send("hello");
        assertThat(client.receiveText(5)).isEqualTo("hello");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            if (!latch.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("never released");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
