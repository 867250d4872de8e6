package io.lb4j.internal.health;

import static io.lb4j.backend.BackendStatus.DOWN;
import static io.lb4j.backend.BackendStatus.UP;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.HealthChecker;
import io.lb4j.internal.pool.Announcer;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.internal.pool.NoHooks;
import io.lb4j.internal.pool.PoolRules;
import io.lb4j.internal.util.Control;
import io.lb4j.internal.util.ControlLoop;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.Platform;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * When checks run and what their results mean (catalogue, E1 to E4). Time stands still and the control thread is
 * the test; only the checks themselves run on real threads.
 */
class HealthMonitorTest {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Health UNCHECKED = Health.unchecked(true, "not checked yet");

    private record Report(Backend backend, BackendStatus status, String reason) {}

    private final ManualClock clock = ManualClock.create();
    private final List<Report> reports = new ArrayList<>();
    private final List<ControlLoop> controls = new ArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final LogCapture log = LogCapture.open();
    private Control control;
    private HealthMonitor monitor;
    private FewThreads threads;
    private CompletableFuture<Void> first;
    private final AtomicInteger entered = new AtomicInteger();
    private int threadsRefused;
    private int scheduled;

    @AfterEach
    void close() {
        release.countDown();
        control.end();
        monitor.close();
        threads.close();
        log.close();
    }

    // ---- E1

    @Test
    void checker_thatThrowsWhatever_isAnUnhealthyResultAndTheNextCheckComes() {
        List<Throwable> failures = List.of(
                new IOException("no route"),
                new AssertionError("assertion"),
                new StackOverflowError(),
                new IllegalStateException("two\nlines"));
        AtomicInteger calls = new AtomicInteger();
        start(policy((backend, timeout) -> sneak(failures.get(calls.getAndIncrement()))), backends(1));
        for (int i = 1; i <= failures.size(); i++) {
            int expected = i;
            runUntil(() -> reports.size() == expected);
            clock.advance(INTERVAL);
        }
        assertThat(reports).extracting(Report::status).containsOnly(DOWN);
        assertThat(reports)
                .extracting(Report::reason)
                .containsExactly(
                        "after 1 failed check (no route)",
                        "after 2 failed checks (AssertionError: assertion)",
                        "after 3 failed checks (StackOverflowError)",
                        "after 4 failed checks (two)");
    }

    @Test
    void checker_thatKeepsThrowing_isLoggedOnceAndToldOnce() {
        List<BackendStatusChanged> events = new ArrayList<>();
        HealthChecker checker = (backend, timeout) -> {
            throw new AssertionError("on purpose");
        };
        BackendPool pool = startWithPool(policy(checker), backends(2), events);
        for (int i = 1; i <= 4; i++) {
            int expected = 2 * i;
            runUntil(() -> reports.size() == expected);
            clock.advance(INTERVAL);
        }
        assertThat(log.messages()).hasSize(2);
        assertThat(log.messages("DOWN after 1 failed check (AssertionError: on purpose), 1 of 2 up"))
                .hasSize(1);
        assertThat(log.messages("DOWN after 1 failed check (AssertionError: on purpose), 0 of 2 up"))
                .hasSize(1);
        assertThat(events).hasSize(2);
        assertThat(pool.states())
                .extracting(state -> state.reason())
                .containsOnly("after 4 failed checks (AssertionError: on purpose)");
    }

    @Test
    void sink_thatThrows_doesNotEndTheChecks() {
        AtomicInteger told = new AtomicInteger();
        start(policy((backend, timeout) -> {}), backends(1), (backend, health) -> {
            told.incrementAndGet();
            throw new IllegalStateException("on purpose");
        });
        runUntil(() -> told.get() == 1);
        clock.advance(INTERVAL);
        runUntil(() -> told.get() == 2);
        assertThat(log.messages("what came of a health check failed")).hasSize(2);
    }

    // ---- E2

    @Test
    void checkers_thatHangIgnoringInterrupts_timeOutAndDelayNobody() {
        Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
        start(
                policy((backend, timeout) -> {
                    calls.computeIfAbsent(backend.id(), id -> new AtomicInteger())
                            .incrementAndGet();
                    if (isOdd(backend)) {
                        hang();
                    }
                }),
                backends(50));
        runWithMoreThreadsUntil(() -> reports.size() == 25 && allCalled(calls, 50));
        assertThat(reports).allMatch(report -> !isOdd(report.backend()) && report.status() == UP);

        // The last ones began when there was a slot.
        pass(TIMEOUT.plusMillis(100));
        runUntil(() -> reportsOfOdd().size() == 25);
        assertThat(reportsOfOdd())
                .allMatch(report -> report.status() == DOWN
                        && report.reason().equals("after 1 failed check (timed out after 5000 ms)"));

        // The others are checked again, while these threads do not come back.
        runUntil(() -> {
            pass(Duration.ofMillis(50));
            return IntStream.range(0, 50)
                    .filter(i -> i % 2 == 0)
                    .allMatch(i -> calls.get("b" + i).get() > 1);
        });
        assertThat(reportsOfOdd()).hasSize(25);
        assertThat(calls.get("b1"))
                .as("never two checks of one backend at once")
                .hasValue(1);
    }

    @Test
    void checker_thatHung_isNotCheckedAgainBeforeItCameBack() {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        start(
                policy((backend, timeout) -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    if (calls.incrementAndGet() == 1) {
                        hang();
                    }
                    inside.decrementAndGet();
                }),
                backends(1));
        runUntil(() -> calls.get() == 1);
        pass(TIMEOUT);
        clock.advance(INTERVAL.multipliedBy(10));
        runDue();
        assertThat(calls).hasValue(1);
        release.countDown();
        runUntil(() -> reports.size() == 2);
        assertThat(reports).extracting(Report::status).containsExactly(DOWN, UP);
        assertThat(most).hasValue(1);
    }

    @Test
    void checker_thatTimesOut_isInterrupted() {
        CountDownLatch interrupted = new CountDownLatch(1);
        start(
                policy((backend, timeout) -> {
                    try {
                        release.await();
                    } catch (InterruptedException expected) {
                        interrupted.countDown();
                        throw expected;
                    }
                }),
                backends(1));
        runUntil(() -> entered.get() == 1);
        pass(TIMEOUT.minusNanos(1));
        assertThat(reports).isEmpty();
        clock.advance(Duration.ofNanos(1));
        runUntil(() -> interrupted.getCount() == 0 && reports.size() == 1);
        assertThat(reports.get(0).reason()).contains("timed out after 5000 ms");
    }

    // ---- E3

    @Test
    void result_afterTheTimeout_isDropped() {
        CountDownLatch returned = new CountDownLatch(1);
        start(
                policy((backend, timeout) -> {
                    hang();
                    returned.countDown();
                }),
                backends(1));
        runUntil(() -> entered.get() == 1);
        pass(TIMEOUT);
        runUntil(() -> reports.size() == 1);
        release.countDown();
        // The thread that comes back hands the control thread a task, the only one until the next check is due.
        assertThat(control().runOnce()).isTrue();
        assertThat(returned.getCount()).isZero();
        assertThat(reports).extracting(Report::status).containsExactly(DOWN);
    }

    @Test
    void timeout_afterTheResult_isDropped() {
        start(policy((backend, timeout) -> {}), backends(1));
        runUntil(() -> reports.size() == 1);
        pass(TIMEOUT);
        assertThat(reports).extracting(Report::status).containsExactly(UP);
    }

    @Test
    void result_afterClose_isDropped() {
        start(policy((backend, timeout) -> hang()), backends(3));
        runWithMoreThreadsUntil(() -> entered.get() == 3);
        control.end();
        monitor.close();
        threads.close();
        release.countDown();
        assertThat(control().runOnce()).isFalse();
        clock.advance(INTERVAL);
        assertThat(control().runOnce()).isFalse();
        assertThat(reports).isEmpty();
    }

    // ---- E4

    @ParameterizedTest
    @CsvSource({
        // unhealthyAfter, healthyAfter, results (x failed, o passed), status after each
        "1, 1, xoxo, DUDU",
        "3, 1, xxoxxxx, UUUUUDD",
        "3, 2, xxxoxoo, UUDDDDU",
        "2, 3, xxooxooo, UDDDDDDU",
    })
    void status_followsTheThresholds(int unhealthyAfter, int healthyAfter, String results, String statuses) {
        LinkedBlockingQueue<Character> script = new LinkedBlockingQueue<>();
        results.chars().forEach(c -> script.add((char) c));
        start(policy(scripted(script), healthyAfter, unhealthyAfter), backends(1));
        for (int i = 1; i <= results.length(); i++) {
            int expected = i;
            runUntil(() -> reports.size() == expected);
            clock.advance(INTERVAL);
        }
        StringBuilder seen = new StringBuilder();
        reports.forEach(report -> seen.append(report.status() == UP ? 'U' : 'D'));
        assertThat(seen).hasToString(statuses);
    }

    @Test
    void events_ofABackendThatFlaps_strictlyAlternate() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<BackendStatusChanged> events = new ArrayList<>();
        LinkedBlockingQueue<Character> script = new LinkedBlockingQueue<>();
        List<BackendStatus> statuses = new ArrayList<>(List.of(UP));
        int checks = 300;
        IntStream.range(0, checks).forEach(i -> script.add(random.nextBoolean() ? 'x' : 'o'));
        startWithPool(policy(scripted(script), 2, 2), backends(1), events);
        for (int i = 1; i <= checks; i++) {
            int expected = i;
            runUntil(() -> reports.size() == expected);
            statuses.add(reports.get(i - 1).status());
            clock.advance(INTERVAL);
        }
        BackendStatus before = UP;
        for (BackendStatusChanged event : events) {
            assertThat(event.from()).as("seed %d", seed).isEqualTo(before);
            assertThat(event.to()).as("seed %d", seed).isNotEqualTo(before);
            before = event.to();
        }
        long changes = IntStream.rangeClosed(1, checks)
                .filter(i -> statuses.get(i) != statuses.get(i - 1))
                .count();
        assertThat(events).as("seed %d", seed).hasSize((int) changes).isNotEmpty();
    }

    // ---- what is short on this machine

    @Test
    void thread_thatCannotBeMade_delaysTheCheckAndDoesNotEndThem() { // C10
        threadsRefused = 1;
        start(policy((backend, timeout) -> {}), backends(1));
        runDue();
        assertThat(reports).isEmpty();
        clock.advance(INTERVAL.multipliedBy(2));
        runUntil(() -> reports.size() == 1);
        assertThat(reports.get(0).status()).isEqualTo(UP);
    }

    @Test
    void check_thatFailsForWantOfSomethingHere_isNoVerdict() { // E6, E16, C10
        List<Exception> failures = List.of(
                new BindException("Cannot assign requested address"),
                new IllegalStateException("wrapped", new BindException("Address already in use")),
                new InterruptedException(),
                new ClosedByInterruptException(),
                new IOException("the backend is to blame"));
        AtomicInteger calls = new AtomicInteger();
        start(
                policy((backend, timeout) -> {
                    throw failures.get(calls.getAndIncrement());
                }),
                backends(1));
        for (int i = 1; i <= failures.size(); i++) {
            int expected = i;
            runUntil(() -> scheduled == expected);
            assertThat(calls).hasValue(i);
            clock.advance(INTERVAL);
        }
        assertThat(reports)
                .extracting(Report::reason)
                .containsExactly("after 1 failed check (the backend is to blame)");
    }

    @Test
    void result_tellsWhenItsCheckBegan() {
        long began = clock.getAsLong();
        List<Long> told = new ArrayList<>();
        start(
                policy((backend, timeout) -> clock.advance(Duration.ofMillis(10))),
                backends(1),
                (backend, health) -> told.add(health.beganAt()));
        runUntil(() -> !told.isEmpty());
        assertThat(told).containsExactly(began);
    }

    // ---- the stage

    private List<Report> reportsOfOdd() {
        return reports.stream().filter(report -> isOdd(report.backend())).toList();
    }

    private void start(HealthCheckPolicy policy, List<Backend> backends) {
        start(policy, backends, this::report);
    }

    private void start(HealthCheckPolicy policy, List<Backend> backends, HealthSink sink) {
        open(policy, sink);
        first = monitor.add(backends.stream().map(HealthMonitorTest::place).toList(), UNCHECKED);
    }

    /** The pool and the test are told. */
    private BackendPool startWithPool(
            HealthCheckPolicy policy, List<Backend> backends, List<BackendStatusChanged> events) {
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void backendStatusChanged(BackendStatusChanged event) {
                events.add(event);
            }
        };
        BackendPool[] pool = new BackendPool[1];
        open(policy, (backend, health) -> {
            pool[0].checked(backend, health);
            report(backend, health);
        });
        pool[0] = new BackendPool(
                PoolRules.of(BackendSelector.roundRobin()),
                new Announcer("orders", List.of(listener), control, clock),
                new BackendPool.Surroundings(control, clock, () -> 0));
        pool[0].begin(new NoHooks(), backends, UNCHECKED);
        monitor.add(pool[0].places(), UNCHECKED);
        return pool[0];
    }

    private void open(HealthCheckPolicy policy, HealthSink sink) {
        Platform system = Platform.system();
        Platform platform = new Platform(system.sockets(), clock, this::noJitter, this::thread);
        control = new Control("orders", platform);
        threads = HealthMonitor.threads("orders", control, platform);
        monitor = new HealthMonitor("orders", policy, sink, control, platform, new SharedCheckThreads(threads));
        control.start();
    }

    private void report(CheckedBackend backend, Health health) {
        reports.add(new Report(backend.backend(), health.up() ? UP : DOWN, health.reason()));
    }

    /** Another one each time, however equal the backends. */
    private static CheckedBackend place(Backend backend) {
        return new CheckedBackend() {
            @Override
            public Backend backend() {
                return backend;
            }
        };
    }

    /** Asked once for each check that is scheduled; the middle of the range is no jitter. */
    private long noJitter() {
        scheduled++;
        return Long.MIN_VALUE;
    }

    /** The control thread is the test; health threads are real. */
    private Thread thread(Runnable task) {
        if (task instanceof ControlLoop loop) {
            controls.add(loop);
            return new Thread(() -> {});
        }
        if (threadsRefused > 0) {
            threadsRefused--;
            throw new OutOfMemoryError("unable to create native thread");
        }
        return Platform.system().threads().newThread(task);
    }

    private ControlLoop control() {
        return controls.get(0);
    }

    /** Time goes by, and the control thread runs all the while. */
    private void pass(Duration time) {
        Duration step = Duration.ofMillis(100);
        for (Duration left = time; !left.isZero(); left = left.minus(step)) {
            step = left.compareTo(step) < 0 ? left : step;
            clock.advance(step);
            control().auditIfDue();
            runDue();
        }
    }

    private void runDue() {
        while (control().nanosToNext() <= 0) {
            control().runOnce();
        }
    }

    /** As {@link #runUntil}, and lets a little time go by, so that more threads are sent to checks that wait. */
    private void runWithMoreThreadsUntil(BooleanSupplier condition) {
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofMillis(2));
            runDue();
        }
        runUntil(condition);
    }

    private void runUntil(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Peer.PATIENCE_MILLIS);
        runDue();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end)
                    .as("waited in vain; reports: %s", reports)
                    .isNegative();
            LockSupport.parkNanos(50_000);
            runDue();
        }
    }

    private void hang() {
        boolean released = false;
        while (!released) {
            try {
                release.await();
                released = true;
            } catch (InterruptedException ignored) {
                // That is what makes it a hostile checker.
            }
        }
    }

    private static HealthChecker scripted(LinkedBlockingQueue<Character> script) {
        return (backend, timeout) -> {
            Character result = script.poll();
            if (result != null && result == 'x') {
                throw new IOException("scripted");
            }
        };
    }

    private HealthCheckPolicy policy(HealthChecker checker) {
        return policy(checker, 1, 1);
    }

    private HealthCheckPolicy policy(HealthChecker checker, int healthyAfter, int unhealthyAfter) {
        return builder(checker)
                .healthyAfter(healthyAfter)
                .unhealthyAfter(unhealthyAfter)
                .build();
    }

    private HealthCheckPolicy.Builder builder(HealthChecker checker) {
        HealthChecker counted = (backend, timeout) -> {
            entered.incrementAndGet();
            checker.check(backend, timeout);
        };
        return HealthCheckPolicy.builder().checker(counted).interval(INTERVAL).timeout(TIMEOUT);
    }

    private static List<Backend> backends(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Backend.of("127.0.0.1", 9000 + i).withId("b" + i))
                .toList();
    }

    private static boolean isOdd(Backend backend) {
        return Integer.parseInt(backend.id().substring(1)) % 2 == 1;
    }

    private static boolean allCalled(Map<String, AtomicInteger> calls, int count) {
        return calls.size() == count;
    }

    private static void sneak(Throwable failure) throws Exception {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (Exception) failure;
    }
}
