package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Background;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.child.BalancerProgram;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that is short of descriptors or memory (catalogue, D): new connections wait, those there are go on, no
 * backend is blamed, and everything heals by itself. The balancer runs in a process of its own.
 */
@EnabledOnOs(OS.LINUX)
class ShortageTest {
    private static final int DESCRIPTORS = 300;

    private final TestBackend backend = TestBackend.echoing();
    private final TestBackend.Refusing refusing = TestBackend.refusing();

    @AfterEach
    void close() {
        backend.close();
        refusing.close();
    }

    /**
     * Every first time that can be is while there is no descriptor: the first failed attempt to connect, the first reset,
     * the first look at the counters. A class that is first needed then, and cannot be read, is lost for ever.
     */
    @ParameterizedTest
    @ValueSource(strings = {"directory", "jar"})
    void descriptors_runOut_newClientsWaitAndTheRestGoesOn(String classes, @TempDir Path directory) { // D1, D3
        ChildJvm.Settings settings = ChildJvm.running(BalancerProgram.class).descriptors(DESCRIPTORS);
        if (classes.equals("jar")) {
            settings.asJar(LoadBalancer.class, directory);
        }
        try (ChildJvm child = settings.start(1, 0, 3, backend.port(), refusing.port());
                LiveAndWaiting clients = new LiveAndWaiting(child)) {
            clients.echo(clients.live[1]);
            clients.echo(clients.live[2]);
            assertThat(clients.accepted()).isEqualTo(3);
            assertLoopHardlyTurns(child);

            // Two descriptors come back: they are for the first who waits, and there are none for the second.
            long closed = System.nanoTime();
            clients.live[0].close();
            clients.echo(clients.firstWaiter);
            report(classes, "connection closed -> first waiter served", closed);
            assertThat(clients.accepted()).isEqualTo(4);

            clients.live[1].rst();
            clients.echo(clients.secondWaiter);
            assertThat(clients.accepted()).isEqualTo(5);
            clients.echo(clients.live[2]);

            assertThat(child.ask("release 1000")).startsWith("released");
            assertServes(child, clients.port);
            assertThat(child.ask("states")).contains("UP").doesNotContain("failed check");
            assertThat(child.ask("close")).isEqualTo("closed true");
            assertThat(child.errors())
                    .noneMatch(line -> line.contains("NoClassDefFoundError") || line.contains("Exception"));
            // One a second, and the test is shorter than that by far.
            assertThat(child.errors().stream().filter(line -> line.contains("cannot accept")))
                    .hasSizeBetween(1, 15);
        }
    }

    @Test
    void descriptors_comeBackElsewhereInTheProcess_oneIsNotEnoughToAcceptWith() { // D2
        try (ChildJvm child = ChildJvm.running(BalancerProgram.class)
                        .descriptors(DESCRIPTORS)
                        .start(1, 0, 1000, backend.port());
                LiveAndWaiting clients = new LiveAndWaiting(child)) {
            // What the acceptor had in reserve was given back when it paused: with one more, there are two.
            assertThat(child.ask("eat")).startsWith("eaten");
            assertThat(clients.accepted()).isEqualTo(3);
            long released = System.nanoTime();
            while (clients.accepted() == 3) {
                assertThat(child.ask("release 1")).isEqualTo("released 1");
                // Longer than the acceptor waits until it tries again.
                Background.pause(250);
            }
            clients.echo(clients.firstWaiter);
            report("elsewhere", "descriptors closed one by one -> first waiter served", released);
            child.ask("release 1000");
            clients.echo(clients.secondWaiter);
            for (Peer live : clients.live) {
                clients.echo(live);
            }
            assertThat(child.ask("close")).isEqualTo("closed true");
            assertThat(child.errors()).noneMatch(line -> line.contains("cannot open a connection"));
        }
    }

    @Test
    void descriptors_runOut_healthChecksBlameNoBackend() { // E6
        try (ChildJvm child = ChildJvm.running(BalancerProgram.class)
                .descriptors(DESCRIPTORS)
                .start(1, 20, 1000, backend.port(), refusing.port())) {
            int port = port(child);
            await().until(() -> child.ask("states").contains("DOWN"));
            assertThat(child.ask("eat")).startsWith("eaten");
            Background.pause(300);
            String states = child.ask("states");
            assertThat(states)
                    .as("states of the backends while no descriptor was left")
                    .contains("status=UP");
            child.ask("release 1000");
            assertServes(child, port);
            assertThat(child.errors()).noneMatch(line -> line.contains("NoClassDefFoundError"));
        }
    }

    @Test
    void directMemory_justFits_backPressureNeedsNoMore() { // D8
        try (TestBackend slow = TestBackend.listening(8192);
                ChildJvm child = ChildJvm.running(BalancerProgram.class)
                        // Two loops with a buffer of 512 KiB each, and a page for everything else.
                        .option("-XX:MaxDirectMemorySize=1040k")
                        .start(2, 0, 1000, slow.port())) {
            int port = port(child);
            for (int i = 0; i < 4; i++) {
                try (Peer client = Peer.connect(port, 8192)) {
                    Peer served = slow.accept();
                    var up = client.sendInBackground(6_000_000, i).thenRun(client::fin);
                    var down = served.sendInBackground(6_000_000, i + 10).thenRun(served::fin);
                    int seed = i;
                    var received = Background.run(() -> client.receiveAll(6_000_000, seed + 10));
                    served.receiveAll(6_000_000, i);
                    received.join();
                    up.join();
                    down.join();
                }
            }
            assertThat(child.ask("close")).isEqualTo("closed true");
            assertThat(child.errors()).isEmpty();
        }
    }

    @Test
    void thread_forALookUpCannotBeMade_theNextConnectionTriesAgain() { // C10, C12
        AtomicBoolean noThreads = new AtomicBoolean();
        Platform system = Platform.system();
        Platform platform = new Platform(system.sockets(), system.nanoClock(), system.random(), task -> {
            if (noThreads.get()) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return system.threads().newThread(task);
        });
        try (LoadBalancer lb = LoadBalancer.builder()
                .noHealthCheck()
                .platform(platform)
                .backend("localhost", backend.port())
                .start()) {
            noThreads.set(true);
            try (Peer client = Peer.connect(lb.port())) {
                assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            } catch (UncheckedIOException resetWhileConnecting) {
                assertThat(resetWhileConnecting).hasMessageContaining("reset");
            }
            await().until(() -> lb.stats().proxy().closedTotal() == 1);
            noThreads.set(false);
            try (Peer client = Peer.connect(lb.port())) {
                client.send("hello").fin();
                assertThat(client.receiveText(5)).isEqualTo("hello");
            }
        }
    }

    /** It tries again every 100 ms, which takes two turns; one that spins makes 100,000 a second. */
    private static void assertLoopHardlyTurns(ChildJvm child) {
        Duration cpuBefore = child.cpu();
        long turnsBefore = stats(child)[2];
        long began = System.nanoTime();
        Background.pause(500);
        long turns = stats(child)[2] - turnsBefore;
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "at the limit: %d turns and %d ms of CPU of the whole process in %.2f s%n",
                turns, child.cpu().minus(cpuBefore).toMillis(), seconds);
        assertThat((double) turns).isLessThanOrEqualTo(20 * seconds + 4);
    }

    /** Accepted, failures to accept, turns. */
    private static long[] stats(ChildJvm child) {
        return Arrays.stream(child.ask("stats").split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private static int port(ChildJvm child) {
        return Integer.parseInt(child.line().split(" ")[1]);
    }

    private static void assertServes(ChildJvm child, int port) {
        for (int i = 0; i < 20; i++) {
            try (Peer client = Peer.connect(port)) {
                client.send(10_000, i).fin();
                client.receiveAll(10_000, i);
            }
        }
    }

    private static void report(String how, String what, long since) {
        System.out.printf(
                "%s: %s in %.1f ms%n",
                how, what, Duration.ofNanos(System.nanoTime() - since).toNanos() / 1e6);
    }

    /** Three clients that were served before the descriptors ran out, and two who came later. */
    private static final class LiveAndWaiting implements AutoCloseable {
        final ChildJvm child;
        final int port;
        final Peer[] live = new Peer[3];
        final Peer firstWaiter;
        final Peer secondWaiter;

        LiveAndWaiting(ChildJvm child) {
            this.child = child;
            port = port(child);
            for (int i = 0; i < live.length; i++) {
                live[i] = Peer.connect(port);
                echo(live[i]);
            }
            assertThat(child.ask("eat")).startsWith("eaten");
            // Here not even the acceptor's reserve is free, so these are the hardest first times.
            assertThat(child.ask("accepted")).isEqualTo("3");
            assertThat(child.ask("states")).contains("status=UP");
            firstWaiter = Peer.connect(port);
            await().until(() -> stats(child)[1] > 0);
            secondWaiter = Peer.connect(port);
        }

        void echo(Peer client) {
            client.send("hello");
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }

        long accepted() {
            return Long.parseLong(child.ask("accepted"));
        }

        @Override
        public void close() {
            for (Peer peer : live) {
                peer.close();
            }
            firstWaiter.close();
            secondWaiter.close();
        }
    }
}
