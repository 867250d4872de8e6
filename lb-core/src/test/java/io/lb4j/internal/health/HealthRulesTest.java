package io.lb4j.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.HealthChecker;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import io.lb4j.testing.SystemSockets;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Intervals, early checks, removal, the first sweep and the bound on checks, wholly in virtual time: checks run when the
 * test says so.
 */
class HealthRulesTest {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int MOMENTS_IN_A_SECOND = 10;
    private static final Duration MOMENT = Duration.ofNanos(1);
    private static final Health UNCHECKED = Health.unchecked(true, "not checked yet");

    private final ManualClock clock = ManualClock.create();
    private final ManualControl control = new ManualControl(clock);
    private final ManualCheckThreads threads = new ManualCheckThreads(control);
    private final LogCapture log = LogCapture.open();
    private final List<String> reports = new ArrayList<>();
    private final Map<String, Integer> checks = new HashMap<>();
    private final Set<String> unhealthy = new HashSet<>();
    private final Set<String> hanging = new HashSet<>();
    private boolean noDescriptors;
    private HealthMonitor monitor;

    private final SelectorProvider sockets = new SystemSockets() {
        @Override
        public SocketChannel openSocketChannel() throws IOException {
            if (noDescriptors) {
                throw new SocketException("Too many open files");
            }
            return super.openSocketChannel();
        }
    };

    @AfterEach
    void close() {
        monitor.close();
        log.close();
    }

    @Test
    void intervals_upDownAndInTransition_areEachTheirOwn() {
        // The second one is there so that somebody is up.
        start(
                policy().unhealthyAfter(2)
                        .healthyAfter(2)
                        .intervalWhileDown(Duration.ofSeconds(10))
                        .intervalInTransition(Duration.ofSeconds(2)),
                2);
        assertThat(checksOf("b0")).as("the first at once").isEqualTo(1);
        passesForB0(INTERVAL);
        unhealthy.add("b0");
        passesForB0(INTERVAL); // fails for the first time
        passesForB0(Duration.ofSeconds(2)); // for the second: DOWN
        assertThat(reports).contains("b0 DOWN after 2 failed checks (scripted)");
        passesForB0(Duration.ofSeconds(10));
        unhealthy.clear();
        passesForB0(Duration.ofSeconds(10)); // passes for the first time
        passesForB0(Duration.ofSeconds(2)); // for the second: UP
        assertThat(reports).contains("b0 UP after 2 passed checks");
        passesForB0(INTERVAL);
    }

    @Test
    void intervals_ofWhomNothingIsSaid_areOneSecondInTransitionAndTwoWhileDown() {
        start(policy().unhealthyAfter(2), 2);
        unhealthy.add("b0");
        passesForB0(INTERVAL);
        passesForB0(SECOND);
        assertThat(reports).contains("b0 DOWN after 2 failed checks (scripted)");
        passesForB0(SECOND.multipliedBy(2));
        passesForB0(SECOND.multipliedBy(2));
    }

    @Test
    void intervals_whileNobodyIsUp_areASecondForEverybody() {
        start(policy().intervalWhileDown(INTERVAL), 3);
        unhealthy.addAll(List.of("b0", "b1", "b2"));
        seconds(31);
        assertThat(reports)
                .contains("b0 DOWN after 1 failed check (scripted)", "b1 DOWN after 1 failed check (scripted)");
        Map<String, Integer> before = new HashMap<>(checks);
        seconds(10);
        before.forEach((id, count) -> assertThat(checksOf(id) - count).as(id).isBetween(9, 11));
        unhealthy.remove("b1");
        seconds(2);
        assertThat(reports).contains("b1 UP after 1 passed check");
        before.putAll(checks);
        seconds(10);
        assertThat(checksOf("b0") - before.get("b0")).as("somebody is up again").isLessThanOrEqualTo(1);
    }

    @Test
    void checks_ofSeveralBackends_areSpreadOverTheIntervalFromTheFirstRoundOn() {
        start(policy(), 10);
        control.advance(MOMENT);
        List<Integer> each = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int before = checks.values().stream().mapToInt(Integer::intValue).sum();
            seconds(5);
            each.add(checks.values().stream().mapToInt(Integer::intValue).sum() - before);
        }
        assertThat(each).allMatch(count -> count >= 1 && count <= 3);
    }

    /** E6: what all share for nine seconds. */
    @Test
    void hiccup_thatAllShareForNineSeconds_takesNobodyOut() {
        start(policy().unhealthyAfter(2), 3);
        seconds(60);
        for (int begin = 0; begin < 30; begin++) {
            IntStream.range(0, 3).forEach(i -> hanging.add("b" + i));
            seconds(9);
            hanging.clear();
            threads.releaseHung();
            seconds(22);
            Set<String> down = new HashSet<>();
            reports.stream()
                    .filter(report -> report.contains(" DOWN "))
                    .forEach(report -> down.add(report.split(" ")[0]));
            assertThat(down).as("hiccup %d", begin).isEmpty();
            reports.clear();
        }
    }

    /** E6: one that starts after the balancer is served within two seconds, whatever the moment is at which it listens. */
    @ParameterizedTest
    @MethodSource("momentsOfListening")
    void backends_thatStartAfterTheBalancer_areUpWithinTwoSecondsOfListening(int late) {
        unhealthy.addAll(List.of("b0", "b1"));
        start(policy().unhealthyAfter(2), 2);
        moments(late);
        unhealthy.clear();
        reports.clear();
        moments(2 * MOMENTS_IN_A_SECOND);
        assertThat(reports)
                .anyMatch(report -> report.startsWith("b0 UP"))
                .anyMatch(report -> report.startsWith("b1 UP"));
    }

    static IntStream momentsOfListening() {
        return IntStream.range(1, 6 * MOMENTS_IN_A_SECOND);
    }

    private void moments(int count) {
        for (int i = 0; i < count; i++) {
            control.advance(SECOND.dividedBy(MOMENTS_IN_A_SECOND));
            run();
        }
    }

    @Test
    void timeout_ofACheckDuringWhichTheProcessSlept_hasItsTimeOnceMore() {
        hanging.add("b0");
        start(policy(), 1);
        clock.advance(TIMEOUT.plus(SECOND));
        control.advance(TIMEOUT.minus(MOMENT));
        assertThat(reports).isEmpty();
        control.advance(MOMENT);
        assertThat(reports).containsExactly("b0 DOWN after 1 failed check (timed out after 5000 ms)");
    }

    @Test
    void timeout_thatComesLate_takesTheResultThatIsThere() {
        hanging.add("b0");
        start(policy(), 1);
        clock.advance(TIMEOUT.plus(SECOND));
        hanging.clear();
        threads.deliverBy(result -> control.later(result, 0));
        threads.releaseHung();
        control.advance(Duration.ZERO);
        assertThat(reports).containsExactly("b0 UP after 1 passed check");
    }

    /** E6: after a stop, the thread of the check may go on before the control thread does. */
    @Test
    void failure_thatIsNewsBeforeAnythingElseWasSeenToBeLate_isLookedAtOnceMore() {
        hanging.add("b0");
        start(policy(), 1);
        clock.advance(TIMEOUT.plus(SECOND));
        hanging.clear();
        unhealthy.add("b0");
        threads.releaseHung();
        assertThat(reports).isEmpty();
    }

    /** E6: after a stop, its timeout came late and gave it more time, and then it says itself that it got no answer. */
    @Test
    void failure_ofACheckThatWasGivenMoreTimeAfterAStop_isLookedAtOnceMore() {
        hanging.add("b0");
        start(policy(), 1);
        clock.advance(TIMEOUT.plus(SECOND));
        control.advance(Duration.ZERO);
        hanging.clear();
        unhealthy.add("b0");
        threads.releaseHung();
        assertThat(reports).isEmpty();
        control.advance(SECOND);
        run();
        assertThat(reports).as("the next one counts").containsExactly("b0 DOWN after 1 failed check (scripted)");
    }

    @Test
    void failure_ofACheckDuringWhichTheProcessSlept_isLookedAtOnceMore() {
        unhealthy.add("b0");
        openMonitor(policy());
        monitor.add(places(1), UNCHECKED);
        control.advance(Duration.ZERO);
        clock.advance(SECOND.multipliedBy(3));
        control.advance(Duration.ZERO); // the audit is late
        run();
        assertThat(reports).isEmpty();
        control.advance(SECOND);
        run();
        assertThat(reports).containsExactly("b0 DOWN after 1 failed check (scripted)");
    }

    @Test
    void doubt_soonAfterACheck_isFollowedUpASecondAfterIt() {
        CheckedBackend one = start(policy(), 1).get(0);
        monitor.doubt(one);
        monitor.doubt(one);
        control.advance(SECOND.minus(MOMENT));
        assertThat(run()).isZero();
        control.advance(MOMENT);
        assertThat(run()).isEqualTo(1);
        // From here on the interval counts from that check, to a fiftieth of it.
        Duration step = INTERVAL.dividedBy(50);
        control.advance(INTERVAL.minus(step));
        assertThat(run()).isZero();
        control.advance(step.multipliedBy(2));
        assertThat(run()).isEqualTo(1);
    }

    @Test
    void doubt_longAfterACheck_isFollowedUpAtOnce() {
        CheckedBackend one = start(policy(), 1).get(0);
        control.advance(Duration.ofSeconds(10));
        unhealthy.add("b0");
        monitor.doubt(one);
        assertThat(run()).isEqualTo(1);
        assertThat(reports).last().isEqualTo("b0 DOWN after 1 failed check (scripted)");
    }

    @Test
    void doubt_whileACheckRunsOrOfAStranger_doesNothing() {
        CheckedBackend one = open(policy(), 1).get(0);
        control.advance(Duration.ZERO);
        monitor.doubt(one);
        monitor.doubt(new Place(Backend.of("10.0.0.1", 1)));
        assertThat(run()).isEqualTo(1);
        passes(INTERVAL);
    }

    @Test
    void remove_whileItsCheckRuns_interruptsItAndDropsItsResult() { // E3, E12
        CheckedBackend one = open(policy(), 1).get(0);
        control.advance(Duration.ZERO);
        monitor.remove(one);
        assertThat(threads.cancelled()).isEqualTo(1);
        run();
        control.advance(INTERVAL.multipliedBy(3));
        assertThat(run()).isZero();
        assertThat(reports).isEmpty();
    }

    @Test
    void removedAndAddedAgain_hasAHistoryOfItsOwn() { // E12
        hanging.add("b0");
        CheckedBackend old = start(policy().unhealthyAfter(2), 1).get(0);
        threads.ignoreInterrupts();
        control.advance(TIMEOUT);
        assertThat(reports).containsExactly("b0 UP after 1 failed check (timed out after 5000 ms)");
        monitor.remove(old);
        hanging.clear();
        unhealthy.add("b0");
        monitor.add(List.of(new Place(old.backend())), UNCHECKED);
        run();
        assertThat(reports).last().isEqualTo("b0 UP after 1 failed check (scripted)");
        threads.releaseHung(); // the late result of the old one
        assertThat(reports).hasSize(2);
    }

    @Test
    void initiallyDown_onePassedCheck_isEnough() {
        List<CheckedBackend> places = places(1);
        openMonitor(policy().healthyAfter(5).initiallyDown());
        monitor.add(places, Health.unchecked(false, "not checked yet"));
        run();
        assertThat(reports).containsExactly("b0 UP after 1 passed check");
    }

    @Test
    void add_firstChecks_completeWhenTheLastHasEndedOrTimedOut() {
        hanging.add("b2");
        openMonitor(policy());
        CompletableFuture<Void> first = monitor.add(places(3), UNCHECKED);
        run();
        assertThat(first).isNotDone();
        control.advance(TIMEOUT);
        assertThat(first).isCompleted();
    }

    /** Discovered before the first checks of all begin: it must not be checked by two at a time from then on. */
    @Test
    void add_aSecondTime_isCheckedByOneAlone() {
        openMonitor(policy());
        List<CheckedBackend> places = places(1);
        monitor.add(places, UNCHECKED);
        CompletableFuture<Void> first = monitor.add(places, UNCHECKED);
        assertThat(run()).isEqualTo(1);
        assertThat(first).isCompleted();
        passes(INTERVAL);
    }

    @Test
    void policy_changed_holdsFromNowOn() {
        start(policy(), 1);
        control.advance(SECOND);
        monitor.policy(policy().interval(Duration.ofSeconds(5)).build());
        passes(Duration.ofSeconds(4));
        passes(Duration.ofSeconds(5));
    }

    @Test
    void address_given_isWhereItIsChecked() {
        List<Integer> ports = new ArrayList<>();
        openMonitor(HealthCheckPolicy.builder()
                .checker((backend, timeout) -> ports.add(backend.port()))
                .address(backend -> Backend.of(backend.host(), 8081)));
        monitor.add(places(1), UNCHECKED);
        run();
        assertThat(ports).containsExactly(8081);
    }

    /** Hanging ones time out; from the second round on they wait for each other, and for nobody else. */
    @Test
    void thousandBackends_halfOfThemHang_theOthersAreOnTimeAndThreadsBounded() {
        IntStream.range(0, 1000).filter(i -> i % 2 == 1).forEach(i -> hanging.add("b" + i));
        openMonitor(policy().concurrency(100));
        monitor.add(places(1000), UNCHECKED);
        int most = 0;
        // The first round: nobody knows yet who hangs.
        for (int second = 0; second < 120; second++) {
            run();
            most = Math.max(most, threads.running());
            control.advance(SECOND);
        }
        assertThat(checks).hasSize(1000);
        Map<String, Integer> before = new HashMap<>(checks);
        for (int second = 0; second < 300; second++) {
            run();
            most = Math.max(most, threads.running());
            control.advance(SECOND);
        }
        for (int i = 0; i < 1000; i += 2) {
            String id = "b" + i;
            assertThat(checks.get(id) - before.get(id)).as(id).isBetween(9, 11);
        }
        assertThat(most).isLessThanOrEqualTo(100);
        Set<String> down = new HashSet<>();
        reports.stream().filter(report -> report.contains(" DOWN ")).forEach(report -> down.add(report.split(" ")[0]));
        assertThat(down).isEqualTo(hanging);
    }

    /** Whoever never came back costs a thread for good; three quarters of them, and the rest is for the others. */
    @Test
    void thousandOfTwoThousand_neverReturn_theOthersAreOnTimeOnNoMoreThreadsThanAllowed() {
        threads.ignoreInterrupts();
        openMonitor(policy().concurrency(64));
        monitor.add(places(0, 1000), UNCHECKED);
        run();
        IntStream.range(1000, 2000).forEach(i -> hanging.add("b" + i));
        monitor.add(places(1000, 1000), UNCHECKED);
        seconds(60);
        Map<String, Integer> before = new HashMap<>(checks);
        seconds(300);
        for (int i = 0; i < 1000; i++) {
            String id = "b" + i;
            assertThat(checks.get(id) - before.get(id)).as(id).isBetween(9, 11);
        }
        assertThat(threads.hung()).isEqualTo(48);
        assertThat(threads.most()).isLessThanOrEqualTo(64);
        assertThat(log.messages("952 backends are not checked: 48 of 64 threads are held by checks that do not return"))
                .hasSize(1);
        hanging.clear();
        threads.releaseHung();
        seconds(60);
        assertThat(checks).as("all are checked once there are threads").hasSize(2000);
    }

    @Test
    void checker_thatNeverReturns_failsAgainWhenItIsDueAgain() {
        hanging.add("b0");
        threads.ignoreInterrupts();
        start(policy().unhealthyAfter(3).intervalInTransition(INTERVAL), 1);
        control.advance(INTERVAL.multipliedBy(3));
        assertThat(reports)
                .containsExactly(
                        "b0 UP after 1 failed check (timed out after 5000 ms)",
                        "b0 UP after 2 failed checks (did not return within 25 s after its timeout)",
                        "b0 DOWN after 3 failed checks (did not return within 55 s after its timeout)");
        assertThat(checksOf("b0")).isEqualTo(1);
    }

    @Test
    void remove_whileItsCheckHangs_keepsTheSlotUntilItReturns() {
        hanging.add("b0");
        threads.ignoreInterrupts();
        CheckedBackend hung = start(policy().concurrency(1), 1).get(0);
        monitor.remove(hung);
        monitor.add(places(1, 1), UNCHECKED);
        assertThat(run()).isZero();
        threads.releaseHung();
        assertThat(run()).isEqualTo(1);
        assertThat(checksOf("b1")).isEqualTo(1);
    }

    /** The backend's answer, in the very words of a shortage here. */
    @Test
    void failure_inTheWordsOfAShortage_isAVerdictUnlessThereIsOne() {
        openMonitor(policy().checker((backend, timeout) -> {
            throw new SocketException("Too many open files");
        }));
        noDescriptors = true;
        monitor.add(places(1), UNCHECKED);
        run();
        assertThat(reports).isEmpty();
        noDescriptors = false;
        control.advance(SECOND);
        run();
        assertThat(reports).containsExactly("b0 DOWN after 1 failed check (Too many open files)");
    }

    /** A machine that is too busy to begin with a check has found out nothing about the backend. */
    @Test
    void check_thatNoThreadHadTimeFor_isNoVerdict() {
        open(policy(), 1);
        control.advance(TIMEOUT);
        assertThat(reports).isEmpty();
        assertThat(run()).as("the thread that comes too late does nothing").isEqualTo(1);
        assertThat(checksOf("b0")).isZero();
        control.advance(SECOND);
        assertThat(run()).isEqualTo(1);
        assertThat(reports).containsExactly("b0 UP after 1 passed check");
    }

    @Test
    void check_thatBeganLate_hasItsWholeTimeout() {
        hanging.add("b0");
        open(policy(), 1);
        control.advance(TIMEOUT.minus(SECOND));
        run();
        control.advance(TIMEOUT.minus(MOMENT));
        assertThat(reports).isEmpty();
        control.advance(MOMENT);
        assertThat(reports).containsExactly("b0 DOWN after 1 failed check (timed out after 5000 ms)");
    }

    @Test
    void checker_thatIgnoresItsInterrupt_isReported() {
        hanging.add("b0");
        threads.ignoreInterrupts();
        start(policy(), 1);
        control.advance(TIMEOUT.plus(INTERVAL).plus(SECOND));
        assertThat(log.messages("does not return, although it was interrupted")).hasSize(1);
        assertThat(checksOf("b0")).isEqualTo(1);
    }

    @Test
    void clock_jumpsByAnHour_oneCheckIsMadeAndNotOneForEachInterval() { // E18
        start(policy(), 1);
        clock.advance(Duration.ofHours(1));
        control.advance(Duration.ZERO);
        assertThat(run()).isEqualTo(1);
        control.advance(INTERVAL.minus(MOMENT));
        assertThat(run()).isZero();
    }

    // ---- the stage

    private static final class Place implements CheckedBackend {
        private final Backend backend;

        Place(Backend backend) {
            this.backend = backend;
        }

        @Override
        public Backend backend() {
            return backend;
        }
    }

    private HealthCheckPolicy.Builder policy() {
        HealthChecker checker = (backend, timeout) -> {
            checks.merge(backend.id(), 1, Integer::sum);
            if (hanging.contains(backend.id())) {
                threads.hang();
            }
            if (unhealthy.contains(backend.id())) {
                throw new IOException("scripted");
            }
        };
        return HealthCheckPolicy.builder()
                .checker(checker)
                .interval(INTERVAL)
                .timeout(TIMEOUT)
                .unhealthyAfter(1);
    }

    private List<CheckedBackend> start(HealthCheckPolicy.Builder policy, int count) {
        List<CheckedBackend> places = open(policy, count);
        run();
        return places;
    }

    private List<CheckedBackend> open(HealthCheckPolicy.Builder policy, int count) {
        openMonitor(policy);
        List<CheckedBackend> places = places(count);
        monitor.add(places, UNCHECKED);
        return places;
    }

    private void openMonitor(HealthCheckPolicy.Builder policy) {
        Platform system = Platform.system();
        // The middle of the range: no jitter.
        Platform platform = new Platform(sockets, clock, () -> Long.MIN_VALUE, system.threads());
        monitor = new HealthMonitor("orders", policy.build(), this::report, control, platform, threads);
    }

    private void report(CheckedBackend backend, Health health) {
        reports.add(backend.backend().id() + (health.up() ? " UP " : " DOWN ") + health.reason());
    }

    private void seconds(int count) {
        for (int i = 0; i < count; i++) {
            run();
            control.advance(SECOND);
        }
    }

    private static List<CheckedBackend> places(int count) {
        return places(0, count);
    }

    private static List<CheckedBackend> places(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i ->
                        (CheckedBackend) new Place(Backend.of("127.0.0.1", 9000).withId("b" + i)))
                .toList();
    }

    private int checksOf(String id) {
        return checks.getOrDefault(id, 0);
    }

    /** This much time goes by without a check, and not a moment more. */
    private void passes(Duration time) {
        control.advance(time.minus(MOMENT));
        assertThat(run()).as("a moment early").isZero();
        control.advance(MOMENT);
        assertThat(run()).as("on time").isEqualTo(1);
    }

    private void passesForB0(Duration time) {
        int before = checksOf("b0");
        control.advance(time.minus(MOMENT));
        run();
        assertThat(checksOf("b0")).as("a moment early").isEqualTo(before);
        control.advance(MOMENT);
        run();
        assertThat(checksOf("b0")).as("on time").isEqualTo(before + 1);
    }

    /** Runs the checks that want to and do not hang. Returns how many. */
    private int run() {
        control.advance(Duration.ZERO);
        return threads.runReady();
    }
}
