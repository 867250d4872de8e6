package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Peer.End;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Selectors, listeners and health checkers that misbehave (catalogue, D9 and E7 to E9): nobody else notices. */
@Timeout(30)
class GuestsTest {
    private static final Duration SLOW = Duration.ofMillis(300);

    private final TestBackend backend = TestBackend.echoing();
    private final LogCapture log = LogCapture.open();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        backend.close();
        log.close();
    }

    // ---- E7: selectors

    /** What a selector can do that it must not. */
    enum Hostility {
        THROWS_EXCEPTION {
            @Override
            Candidate act() {
                throw new IllegalStateException("on purpose");
            }
        },
        THROWS_ERROR {
            @Override
            Candidate act() {
                throw new AssertionError("on purpose");
            }
        },
        OVERFLOWS_THE_STACK {
            @Override
            Candidate act() {
                return act();
            }
        },
        RETURNS_A_STRANGER {
            @Override
            Candidate act() {
                return new Stranger();
            }
        };

        abstract Candidate act();
    }

    private record Stranger() implements Candidate {
        @Override
        public Backend backend() {
            return Backend.of("127.0.0.1", 1);
        }

        @Override
        public int activeConnections() {
            return 0;
        }
    }

    @ParameterizedTest
    @EnumSource(Hostility.class)
    void selector_misbehaving_refusesThatConnectionAndNoOther(Hostility hostility) { // E7
        AtomicBoolean hostile = new AtomicBoolean();
        BackendSelector selector = (candidates, connection) -> hostile.get() ? hostility.act() : candidates.get(0);
        try (LoadBalancer lb = builder().selector(selector).start();
                Peer before = Peer.connect(lb.port())) {
            echo(before);
            hostile.set(true);
            for (int i = 1; i <= 3; i++) {
                assertRefused(lb, i);
                assertThat(lb.stats().proxy().guestFailures()).isEqualTo(i);
            }
            hostile.set(false);
            assertServes(lb);
            echo(before);
            assertThat(log.messages("choosing a backend failed")).isNotEmpty();
        }
    }

    @Test
    void selector_returningNull_refusesAndIsNoFailure() { // E7
        AtomicBoolean refuse = new AtomicBoolean(true);
        try (LoadBalancer lb = builder()
                .selector((candidates, connection) -> refuse.get() ? null : candidates.get(0))
                .start()) {
            assertRefused(lb, 1);
            assertThat(lb.stats().proxy().guestFailures()).isZero();
            refuse.set(false);
            assertServes(lb);
        }
    }

    /** A selector that remembers its favourite: it is asked once more with who is here now, and then refused. */
    @Test
    void selector_returningABackendThatWentDown_isAskedOnceMore() { // E7
        AtomicBoolean down = new AtomicBoolean();
        AtomicBoolean stubborn = new AtomicBoolean();
        AtomicReference<Candidate> favourite = new AtomicReference<>();
        AtomicInteger asked = new AtomicInteger();
        BackendSelector selector = (candidates, connection) -> {
            favourite.compareAndSet(null, candidates.get(0));
            boolean again = asked.getAndIncrement() > 0;
            return again && !stubborn.get() ? candidates.get(0) : favourite.get();
        };
        try (TestBackend other = TestBackend.echoing();
                LoadBalancer lb = builder()
                        .backend("127.0.0.1", other.port())
                        .selector(selector)
                        .healthCheck(
                                check -> check.interval(Duration.ofMillis(5)).checker((checked, timeout) -> {
                                    if (down.get() && checked.port() == backend.port()) {
                                        throw new IOException("scripted");
                                    }
                                }))
                        .start()) {
            assertServes(lb);
            down.set(true);
            await().until(() -> !log.messages(" DOWN ").isEmpty());
            asked.set(0);
            assertServes(lb);
            assertThat(asked).hasValue(2);
            assertThat(lb.stats().proxy().guestFailures()).isZero();

            asked.set(0);
            stubborn.set(true);
            assertRefused(lb, 1);
            assertThat(asked).hasValue(2);
            assertThat(lb.stats().proxy().guestFailures()).isEqualTo(1);
        }
    }

    @Test
    void selector_thatTakesLong_isReported() { // E7
        ManualClock clock = ManualClock.create();
        BackendSelector selector = (candidates, connection) -> {
            clock.advance(SLOW);
            return candidates.get(0);
        };
        try (LoadBalancer lb =
                builder().platform(clock.platform()).selector(selector).start()) {
            assertServes(lb);
            assertThat(log.messages("choosing a backend took 300 ms")).hasSize(1);
        }
    }

    // ---- E8, D9: listeners

    /** What a listener can throw. */
    enum Failure {
        EXCEPTION {
            @Override
            void happen() {
                throw new IllegalStateException("on purpose");
            }
        },
        OUT_OF_MEMORY {
            @Override
            void happen() {
                throw new OutOfMemoryError("on purpose");
            }
        },
        STACK_OVERFLOW {
            @Override
            void happen() {
                happen();
            }
        };

        abstract void happen();
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void listener_throwing_isCountedAndHasNoOtherEffect(Failure failure) { // D9, E8
        int connections = 5;
        try (LoadBalancer lb = builder().listener(new Throwing(failure)).start();
                Peer idle = Peer.connect(lb.port())) {
            echo(idle);
            for (int i = 0; i < connections; i++) {
                assertServes(lb);
            }
            await().until(() -> lb.stats().proxy().closedTotal() == connections);
            echo(idle);
            assertThat(lb.stats().proxy().closed(CloseReason.COMPLETED)).isEqualTo(connections);
            // One for each that opened, one for each that closed.
            await().until(() -> lb.stats().proxy().guestFailures() == 2 * connections + 1);
            assertThat(log.messages("listener failed")).isNotEmpty();
            IdleProbe.assertIdle(() -> lb.stats().proxy());
        }
    }

    @Test
    void listener_throwingOnStatusChange_stillHearsOfTheNext() { // E8
        AtomicInteger told = new AtomicInteger();
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void backendStatusChanged(BackendStatusChanged event) {
                told.incrementAndGet();
                Failure.STACK_OVERFLOW.happen();
            }
        };
        AtomicInteger checks = new AtomicInteger();
        try (LoadBalancer lb = builder()
                .listener(listener)
                .healthCheck(check -> check.interval(Duration.ofMillis(5))
                        .unhealthyAfter(1)
                        .checker((checked, timeout) -> {
                            if (checks.incrementAndGet() % 2 == 1) {
                                throw new IOException("scripted");
                            }
                        }))
                .start()) {
            await().until(() -> told.get() >= 3);
            assertThat(log.messages("listener failed")).isNotEmpty();
            assertThat(lb.isClosed()).isFalse();
        }
    }

    @Test
    void listener_thatTakesLong_isReported() { // E8
        ManualClock clock = ManualClock.create();
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                clock.advance(SLOW);
            }
        };
        try (LoadBalancer lb =
                builder().platform(clock.platform()).listener(listener).start()) {
            assertServes(lb);
            assertThat(log.messages("listener took 300 ms")).hasSize(1);
        }
    }

    @Test
    void listener_thatBlocks_keepsItsOwnLoopAndNoOther() { // E8
        Map<Integer, String> threads = new ConcurrentHashMap<>();
        CountDownLatch blocked = new CountDownLatch(1);
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                threads.put(
                        event.clientAddress().getPort(), Thread.currentThread().getName());
            }

            @Override
            public void connectionClosed(ConnectionSummary summary) {
                blocked.countDown();
                awaitRelease();
            }
        };
        List<Peer> clients = new ArrayList<>();
        try (LoadBalancer lb = builder().eventLoops(2).listener(listener).start()) {
            // The kernel decides which loop gets a connection: as many as it takes until both have one.
            do {
                Peer client = Peer.connect(lb.port());
                clients.add(client);
                echo(client);
            } while (Map.copyOf(threads).values().stream().distinct().count() < 2);
            Peer first = clients.get(0);
            Peer other = clients.get(clients.size() - 1);
            String blockedThread = threads.get(first.localPort());
            assertThat(threads.get(other.localPort())).isNotEqualTo(blockedThread);

            first.close();
            awaitLatch(blocked);
            for (int i = 0; i < 10; i++) {
                echo(other);
            }
            release.countDown();
        } finally {
            clients.forEach(Peer::close);
        }
    }

    // ---- E9: calls back into the balancer

    /** Who calls. */
    enum Caller {
        CONNECTION_OPENED,
        CONNECTION_CLOSED,
        STATUS_CHANGED,
        SELECTOR,
        HEALTH_CHECKER
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void guest_callingClose_doesNotDeadlock(Caller caller) { // E9, E13
        assertEnds(caller, LoadBalancer::close);
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void guest_callingDrain_doesNotDeadlock(Caller caller) { // E9, E13
        assertEnds(caller, lb -> lb.drain(Duration.ZERO));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void guest_callingDrainThenClose_doesNotDeadlock(Caller caller) { // E9, E13
        assertEnds(caller, lb -> {
            lb.drain(Duration.ofHours(1));
            lb.close();
        });
    }

    private void assertEnds(Caller caller, Consumer<LoadBalancer> end) {
        AtomicReference<LoadBalancer> balancer = new AtomicReference<>();
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Consumer<Caller> hook = here -> {
            if (here == caller) {
                awaitLatch(started);
                try {
                    end.accept(balancer.get());
                } catch (Throwable thrown) {
                    failure.set(thrown);
                }
                calls.incrementAndGet();
            }
        };
        LoadBalancer lb = builder()
                .eventLoops(2)
                .selector((candidates, connection) -> {
                    hook.accept(Caller.SELECTOR);
                    return candidates.get(0);
                })
                .healthCheck(check -> check.interval(Duration.ofMillis(500)).checker((checked, timeout) -> {
                    hook.accept(Caller.HEALTH_CHECKER);
                    if (caller == Caller.STATUS_CHANGED) {
                        throw new IOException("scripted");
                    }
                }))
                .listener(new Hooked(hook))
                .start();
        balancer.set(lb);
        try (Peer client = Peer.connect(lb.port());
                Peer other = Peer.connect(lb.port())) {
            if (caller == Caller.CONNECTION_CLOSED) {
                echo(client);
                client.rst();
            }
            started.countDown();
            await().until(lb::isClosed);
            assertThat(lb.drain(Duration.ofHours(1)).toCompletableFuture()).isDone();
            assertThat(other.receiveToEnd().end()).isNotEqualTo(End.TIMEOUT);
            await().until(() -> calls.get() > 0);
            assertThat(failure.get()).isNull();
            assertThat(lb.stats().proxy().active()).isZero();
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

    private static void assertRefused(LoadBalancer lb, long refusedByThen) {
        try (Peer client = Peer.connect(lb.port())) {
            assertThat(client.receiveToEnd().end()).isEqualTo(End.RESET);
        } catch (UncheckedIOException resetWhileConnecting) {
            assertThat(resetWhileConnecting).hasMessageContaining("reset");
        }
        // The client can know before the counters do.
        await().pollInterval(Duration.ofMillis(1))
                .untilAsserted(() -> assertThat(lb.stats().proxy().closed(CloseReason.NO_BACKEND))
                        .isEqualTo(refusedByThen));
    }

    private static void assertServes(LoadBalancer lb) {
        try (Peer client = Peer.connect(lb.port())) {
            client.send(1000, 1).fin();
            client.receiveAll(1000, 1);
        }
    }

    private static void echo(Peer client) {
        client.send("hello");
        assertThat(client.receiveText(5)).isEqualTo("hello");
    }

    private void awaitRelease() {
        awaitLatch(release);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Throwing(Failure failure) implements LoadBalancerListener {
        @Override
        public void connectionOpened(ConnectionOpened event) {
            failure.happen();
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            failure.happen();
        }
    }

    private record Hooked(Consumer<Caller> hook) implements LoadBalancerListener {
        @Override
        public void connectionOpened(ConnectionOpened event) {
            hook.accept(Caller.CONNECTION_OPENED);
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            hook.accept(Caller.CONNECTION_CLOSED);
        }

        @Override
        public void backendStatusChanged(BackendStatusChanged event) {
            hook.accept(Caller.STATUS_CHANGED);
        }
    }
}
