package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.SteppedTask;
import io.lb4j.proxy.DrainResult;
import io.lb4j.testing.Background;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.child.EndingProgram;
import io.lb4j.testing.child.RestartingProgram;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From start to end, and how many ways lead there (catalogue, E13 and E16 to E20). */
@Timeout(40)
class LifecycleTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final TestBackend backend = TestBackend.echoing();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        backend.close();
    }

    // ---- E13: every order of ends

    static Stream<Named<Consumer<LoadBalancer>>> ends() {
        return Stream.of(
                Named.of("close", LoadBalancer::close),
                Named.of("close, close", lb -> {
                    lb.close();
                    lb.close();
                }),
                Named.of("drain", lb -> lb.drain(Duration.ZERO)),
                Named.of("drain, close", lb -> {
                    lb.drain(HOUR);
                    lb.close();
                }),
                Named.of("close, drain", lb -> {
                    lb.close();
                    assertThat(lb.drain(HOUR).toCompletableFuture())
                            .succeedsWithin(Duration.ofSeconds(10))
                            .isEqualTo(new DrainResult(0, 0));
                }),
                Named.of("drain, shorter drain", lb -> {
                    lb.drain(HOUR);
                    lb.drain(Duration.ZERO);
                }),
                Named.of("drain, longer drain", lb -> {
                    lb.drain(Duration.ofMillis(1));
                    lb.drain(HOUR);
                }),
                Named.of("close from two threads", lb -> together(lb::close, lb::close)),
                Named.of("close and drain from two threads", lb -> together(lb::close, () -> lb.drain(HOUR))),
                Named.of(
                        "drain from two threads", lb -> together(() -> lb.drain(Duration.ZERO), () -> lb.drain(HOUR))));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void balancer_endedInAnyOrder_endsOnce(Consumer<LoadBalancer> end) { // E13
        LoadBalancer lb = builder().eventLoops(2).start();
        try (Peer client = connect(lb);
                Peer other = connect(lb)) {
            end.accept(lb);
            await().pollInterval(Duration.ofMillis(2)).until(lb::isClosed);
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
            assertThat(other.receiveToEnd().end()).isEqualTo(End.RESET);
            assertRefuses(lb.port());
            assertThat(lb.stats().proxy().active()).isZero();
            assertThat(lb.stats().proxy().closedTotal()).isEqualTo(2);
        }
        lb.close();
        assertThat(lb.drain(HOUR).toCompletableFuture()).isDone();
        assertThat(lb.backends().list()).hasSize(1);
    }

    @Test
    void drain_calledTwice_bothResultsAreTheSame() throws Exception { // E13
        LoadBalancer lb = builder().start();
        try (Peer client = connect(lb)) {
            CompletionStage<DrainResult> first = lb.drain(HOUR);
            assertThat(first.toCompletableFuture()).isNotDone();
            CompletionStage<DrainResult> second = lb.drain(Duration.ZERO);
            assertThat(second.toCompletableFuture().get(10, TimeUnit.SECONDS)).isEqualTo(new DrainResult(0, 1));
            assertThat(first.toCompletableFuture().get(10, TimeUnit.SECONDS)).isEqualTo(new DrainResult(0, 1));
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
        }
    }

    @Test
    void drain_ofANegativeGrace_isRefusedAndChangesNothing() {
        try (LoadBalancer lb = builder().start();
                Peer client = connect(lb)) {
            assertThatThrownBy(() -> lb.drain(Duration.ofMillis(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("grace");
            echo(client);
            connect(lb).close();
        }
    }

    @Test
    void builder_usedAgain_startsAnotherBalancer() { // E13
        LoadBalancerBuilder builder = builder();
        LoadBalancer first = builder.start();
        try (LoadBalancer second = builder.start()) {
            assertThat(first.port()).isNotEqualTo(second.port());
            first.close();
            connect(second).close();
        }
    }

    // ---- E14: a start that fails

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void start_whenAThreadCannotBeMade_leavesNothingBehind(int threads) { // E14
        AtomicInteger left = new AtomicInteger(threads);
        Platform system = Platform.system();
        Platform platform = new Platform(
                system.sockets(),
                system.nanoClock(),
                system.random(),
                task -> isLeft(task, left, threads == 2) ? system.threads().newThread(task) : new Unstartable(task));
        LoadBalancerBuilder builder = builder()
                .eventLoops(3)
                .healthCheck(check -> check.interval(HOUR))
                .platform(platform);
        if (threads == 2) {
            // Those that come later are missing, for checks and for more loops: the balancer starts, and tries again.
            try (LoadBalancer lb = builder.start()) {
                connect(lb).close();
                assertThat(lb.backends().list().get(0).status()).isEqualTo(BackendStatus.UP);
            }
        } else {
            assertThatThrownBy(builder::start).hasMessageContaining("unable to create native thread");
        }
        // And no thread is left: LeakCheck.
    }

    /** The control thread and the loops are counted; a health thread, which comes when it will, is not. */
    private static boolean isLeft(Runnable task, AtomicInteger left, boolean noHealthThread) {
        return task instanceof SteppedTask ? left.getAndDecrement() > 0 : !noHealthThread;
    }

    private static final class Unstartable extends Thread {
        Unstartable(Runnable task) {
            super(task);
        }

        @Override
        public synchronized void start() {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }

    // ---- E16: interrupts

    @Test
    void close_onAnInterruptedThread_returnsAndKeepsTheFlag() { // E16
        LoadBalancer lb = builder().start();
        Thread.currentThread().interrupt();
        lb.close();
        assertThat(Thread.interrupted()).isTrue();
        await().until(lb::isClosed);
    }

    @Test
    void close_interruptedWhileItWaits_returnsAndTheBalancerEndsLater() throws Exception { // E16
        CountDownLatch opened = new CountDownLatch(1);
        LoadBalancerListener blocking = new LoadBalancerListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                opened.countDown();
                awaitUninterruptibly(release);
            }
        };
        LoadBalancer lb = builder().listener(blocking).start();
        try (Peer client = Peer.connect(lb.port())) {
            opened.await();
            boolean[] flag = new boolean[1];
            Thread closer = new Thread(() -> {
                lb.close();
                flag[0] = Thread.currentThread().isInterrupted();
            });
            closer.start();
            await().pollInterval(Duration.ofMillis(1)).until(() -> closer.getState() == Thread.State.TIMED_WAITING);
            closer.interrupt();
            closer.join(10_000);
            assertThat(flag[0]).isTrue();
            assertThat(lb.isClosed()).isFalse();
            release.countDown();
            await().until(lb::isClosed);
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
        }
    }

    @Test
    void threads_interruptedAgainAndAgain_serveOnAndDoNotSpin() { // E16, J14
        try (LoadBalancer lb = builder().eventLoops(2).start();
                Peer client = connect(lb)) {
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger interrupts = new AtomicInteger();
            var storm = Background.run(() -> {
                while (!stop.get()) {
                    balancerThreads().forEach(Thread::interrupt);
                    interrupts.incrementAndGet();
                    Background.pause(10);
                }
            });
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            long count = 0;
            for (; System.nanoTime() - end < 0; count++) {
                echo(client);
                try (Peer bulk = Peer.connect(lb.port())) {
                    var sent = bulk.sendInBackground(300_000, count).thenRun(bulk::fin);
                    bulk.receiveAll(300_000, count);
                    sent.join();
                }
            }
            stop.set(true);
            storm.join();
            long bulks = count;
            await().untilAsserted(() ->
                    assertThat(lb.stats().proxy().closed(CloseReason.COMPLETED)).isEqualTo(bulks));
            assertThat(interrupts.get()).isGreaterThan(20);
            IdleProbe.assertIdle(() -> lb.stats().proxy());
        }
    }

    @Test
    void healthThreads_interruptedByStrangers_blameNoBackend() { // E16, J14
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicInteger checks = new AtomicInteger();
        try (LogCapture log = LogCapture.open();
                LoadBalancer lb = builder()
                        .healthCheck(
                                check -> check.interval(Duration.ofMillis(5)).checker((checked, timeout) -> {
                                    if (checks.incrementAndGet() == 1) {
                                        inside.countDown();
                                        interrupted.await();
                                    }
                                }))
                        .start()) {
            awaitUninterruptibly(inside);
            balancerThreads().stream()
                    .filter(thread -> thread.getName().contains("-health-"))
                    .forEach(Thread::interrupt);
            await().until(() -> checks.get() >= 3);
            assertThat(lb.backends().list()).extracting(state -> state.status()).containsExactly(BackendStatus.UP);
            assertThat(log.messages(" DOWN ")).isEmpty();
        }
    }

    // ---- E17: the end of the process

    @Test
    void process_whoseMainReturns_ends() { // E17
        try (ChildJvm child = ChildJvm.running(EndingProgram.class).start(backend.port(), "return");
                Peer client = Peer.connect(port(child))) {
            echo(client);
            assertThat(childEnds(child)).isZero();
            assertThat(client.receiveToEnd().end()).isNotEqualTo(End.TIMEOUT);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void process_terminated_canDrainAndCloseInAHook() { // E17
        try (ChildJvm child = ChildJvm.running(EndingProgram.class).start(backend.port(), "hook");
                Peer client = Peer.connect(port(child))) {
            echo(client);
            child.terminate();
            assertThat(child.line()).isEqualTo("aborted 1 closed true");
            assertThat(child.exitCode()).isEqualTo(143);
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
            assertThat(child.errors()).isEmpty();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void process_terminated_drainsByItselfIfAsked() { // E17
        try (ChildJvm child = ChildJvm.running(EndingProgram.class).start(backend.port(), "drain");
                Peer client = Peer.connect(port(child))) {
            echo(client);
            child.terminate();
            // It goes on for this one, and ends when it has ended: long before its grace is over.
            echo(client);
            assertThat(client.fin().receiveToEnd().end()).isEqualTo(End.EOF);
            assertThat(child.exitCode()).isEqualTo(143);
            assertThat(child.errors()).isEmpty();
        }
    }

    private static int childEnds(ChildJvm child) {
        child.tell("end");
        return child.exitCode();
    }

    private static int port(ChildJvm child) {
        return Integer.parseInt(child.line().split(" ")[1]);
    }

    // ---- E18: time

    @Test
    void clock_thatWraps_changesNoTimeout() { // E18
        ManualClock clock = ManualClock.startingAt(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1));
        try (LoadBalancer lb = builder()
                        .platform(clock.platform())
                        .timeouts(timeouts -> timeouts.idle(Duration.ofSeconds(10)))
                        .start();
                Peer idle = connect(lb);
                Peer busy = connect(lb)) {
            for (int second = 1; second <= 9; second++) {
                clock.advance(Duration.ofSeconds(1));
                echo(busy);
            }
            assertThat(lb.stats().proxy().closedTotal()).isZero();
            clock.advance(Duration.ofSeconds(1));
            echo(busy);
            assertThat(idle.receiveToEnd().end()).isEqualTo(End.RESET);
            await().until(() -> lb.stats().proxy().closed(CloseReason.IDLE_TIMEOUT) == 1);
            echo(busy);
            IdleProbe.assertIdle(() -> lb.stats().proxy());
        }
    }

    @Test
    void clock_thatWrapsDuringADrain_keepsItsDeadline() { // E18
        ManualClock clock = ManualClock.startingAt(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1));
        try (LoadBalancer lb = builder().platform(clock.platform()).start();
                Peer client = connect(lb)) {
            CompletionStage<DrainResult> drained = lb.drain(Duration.ofSeconds(10));
            clock.advance(Duration.ofSeconds(10).minusNanos(1));
            echo(client);
            assertThat(drained.toCompletableFuture()).isNotDone();
            clock.advance(Duration.ofNanos(1));
            client.send("wakes the loop");
            assertThat(drained.toCompletableFuture())
                    .succeedsWithin(Duration.ofSeconds(10))
                    .isEqualTo(new DrainResult(0, 1));
        }
    }

    @Test
    void clock_thatJumpsAnHour_makesNoTimerStorm() { // E18
        ManualClock clock = ManualClock.create();
        try (LoadBalancer lb = builder()
                        .platform(clock.platform())
                        .healthCheck(check -> check.interval(Duration.ofMillis(10)))
                        .start();
                Peer client = connect(lb)) {
            clock.advance(HOUR.minusSeconds(1));
            echo(client);
            clock.advance(HOUR.multipliedBy(-1));
            echo(client);
            IdleProbe.assertIdle(() -> lb.stats().proxy());
            echo(client);
        }
    }

    // ---- E19, E20

    @Test
    @EnabledOnOs(OS.LINUX)
    void balancer_startedAndEndedAHundredTimes_leavesNothingBehind() { // E19
        try (ChildJvm child = ChildJvm.running(RestartingProgram.class)
                // 100 balancers with buffers of 1 MiB need 100 MiB if they are kept.
                .option("-XX:MaxDirectMemorySize=6m")
                .start(backend.port(), 100)) {
            String[] result = child.line().split(" ");
            System.out.println("descriptors before and after, threads before and after: " + List.of(result));
            assertThat(result[1]).as("descriptors").isEqualTo(result[0]);
            assertThat(result[3]).as("threads").isEqualTo(result[2]);
            assertThat(child.exitCode()).isZero();
            assertThat(child.errors()).isEmpty();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void childProcess_outlivingTheBalancer_doesNotHoldItsPort() throws IOException { // E20
        LoadBalancer lb = builder().eventLoops(2).start();
        Process child = new ProcessBuilder("sleep", "60").start();
        try (Peer client = connect(lb)) {
            int port = lb.port();
            lb.close();
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
            assertRefuses(port);
            try (LoadBalancer next = builder().listen("127.0.0.1", port).start()) {
                connect(next).close();
            }
            assertThat(child.isAlive()).isTrue();
        } finally {
            child.destroyForcibly();
        }
    }

    // ---- the stage

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .name("orders")
                .eventLoops(1)
                .noHealthCheck()
                .backend("127.0.0.1", backend.port());
    }

    /** A client that has been served. */
    private static Peer connect(LoadBalancer lb) {
        Peer client = Peer.connect(lb.port());
        echo(client);
        return client;
    }

    private static void echo(Peer client) {
        client.send("hello");
        assertThat(client.receiveText(5)).isEqualTo("hello");
    }

    private static void assertRefuses(int port) {
        assertThatThrownBy(() -> Peer.connect(port).close()).hasCauseInstanceOf(ConnectException.class);
    }

    private static void together(Background.Step one, Background.Step other) {
        CyclicBarrier barrier = new CyclicBarrier(2);
        var first = Background.run(() -> {
            barrier.await();
            one.run();
        });
        var second = Background.run(() -> {
            barrier.await();
            other.run();
        });
        first.join();
        second.join();
    }

    private static List<Thread> balancerThreads() {
        Set<String> names = Set.copyOf(LeakCheck.balancerThreads());
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> names.contains(thread.getName()))
                .toList();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean reached = false;
        while (!reached) {
            try {
                latch.await();
                reached = true;
            } catch (InterruptedException ignored) {
                // Waits on.
            }
        }
    }
}
