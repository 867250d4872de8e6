package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.simulation.BalancerSimulation.Change;
import io.lb4j.simulation.BalancerSimulation.Health;
import io.lb4j.simulation.BalancerSimulation.Outcome;
import io.lb4j.simulation.BalancerSimulation.Plan;
import io.lb4j.testing.LogCapture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A balancer whose backends fail and recover, in virtual time, seed after seed. {@code -Dsim.seeds=N -Dsim.from=S} makes
 * more of it, or repeats one.
 */
class SimulatedBalancerTest {
    private static final Seeds SEEDS = Seeds.of(300);
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final LogCapture log = LogCapture.silent();

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void balancer_whoseBackendsComeAndGo_keepsItsPromises() {
        long connections = 0;
        long checks = 0;
        long calledOff = 0;
        long takeOvers = 0;
        long refused = 0;
        long served = 0;
        for (long seed = SEEDS.from(); seed < SEEDS.end(); seed++) {
            Outcome outcome = BalancerSimulation.run(plan(seed));
            assertThat(outcome.objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s", seed, plan(seed))
                    .isNull();
            connections += outcome.connections();
            checks += outcome.checks();
            calledOff += outcome.calledOff();
            takeOvers += outcome.takeOvers();
            refused += outcome.refused();
            served += outcome.servedByOthers();
        }
        System.out.printf(
                "simulated %,d connections (%,d refused), %,d more by frontends that came and went, %,d attempts called off, %,d checks and %,d take-overs over %,d seeds%n",
                connections, refused, served, calledOff, checks, takeOvers, SEEDS.count());
    }

    @Test
    void run_ofTheSameSeed_isTheSameRun() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(BalancerSimulation.run(plan(seed)).trace())
                    .as("seed %d", seed)
                    .isEqualTo(BalancerSimulation.run(plan(seed)).trace());
        }
    }

    /** Backends that flap, each a tier of its own, and clients all the time: {@link Reign} judges. */
    @Test
    void stay_whateverFlaps_neverTwoThatTakeConnections() {
        int takeOvers = 0;
        for (long seed = 18; seed < 18 + 24 * 12; seed += 24) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Long> clients = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                clients.add(Duration.ofMillis(200L * i).toNanos());
            }
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Health health = Health.values()[random.nextInt(3)];
                changes.add(new Change(random.nextLong(60_000_000_000L), random.nextInt(3), health));
            }
            Outcome outcome = BalancerSimulation.run(new Plan(
                    seed, 3, Duration.ofSeconds(2), Duration.ofSeconds(1), 1, 2, clients, changes, false, false));
            assertThat(outcome.objection()).as("seed %d", seed).isNull();
            takeOvers += outcome.takeOvers();
        }
        assertThat(takeOvers).isGreaterThan(20);
    }

    @Test
    void backendThatRefuses_untilItIsWellAgain_isDownFromTheNextCheckToTheNext() {
        List<Change> changes = List.of(
                new Change(Duration.ofSeconds(10).toNanos(), 1, Health.REFUSES),
                new Change(Duration.ofSeconds(70).toNanos(), 1, Health.WELL));
        Outcome outcome = BalancerSimulation.run(steady(changes, 1, 1));
        assertThat(outcome.objection()).isNull();
        assertThat(outcome.events())
                .extracting(BackendStatusChanged::to)
                .containsExactly(BackendStatus.DOWN, BackendStatus.UP);
        assertThat(outcome.events())
                .extracting(BackendStatusChanged::reason)
                .containsExactly("after 1 failed check (Connection refused)", "after 1 passed check");
    }

    @Test
    void backendThatIsSilent_untilItIsWellAgain_isDownAfterThreeTimeouts() {
        List<Change> changes = List.of(
                new Change(Duration.ofSeconds(10).toNanos(), 0, Health.SILENT),
                new Change(Duration.ofSeconds(130).toNanos(), 0, Health.WELL));
        Outcome outcome = BalancerSimulation.run(steady(changes, 2, 3));
        assertThat(outcome.objection()).isNull();
        assertThat(outcome.events())
                .extracting(BackendStatusChanged::reason)
                .containsExactly("after 3 failed checks (timed out after 5000 ms)", "after 2 passed checks");
    }

    @Test
    void backendThatIsSilent_whenItGoesDown_hasItsAttemptsCalledOff() {
        List<Change> changes = List.of(new Change(Duration.ofSeconds(10).toNanos(), 0, Health.SILENT));
        List<Long> clients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            clients.add(Duration.ofMillis(100 * i).toNanos());
        }
        Outcome outcome =
                BalancerSimulation.run(new Plan(1, 3, INTERVAL, TIMEOUT, 1, 1, clients, changes, false, false));
        assertThat(outcome.objection()).isNull();
        // One in three goes there, and each waits for a second if nothing happens.
        assertThat(outcome.calledOff()).isBetween(2, 4);
    }

    /** Three backends, and a client every second for four minutes. */
    private static Plan steady(List<Change> changes, int healthyAfter, int unhealthyAfter) {
        List<Long> clients = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            clients.add(Duration.ofSeconds(i).toNanos());
        }
        return new Plan(3, 3, INTERVAL, TIMEOUT, healthyAfter, unhealthyAfter, clients, changes, false, false);
    }

    static Plan plan(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int backends = 1 + random.nextInt(5);
        Duration interval = Duration.ofMillis(500L << random.nextInt(7));
        Duration timeout = random.nextBoolean() ? interval.dividedBy(4) : interval.multipliedBy(2);
        long span = interval.toNanos() * (2 + random.nextInt(10));
        List<Long> clients = new ArrayList<>();
        int count = random.nextInt(60);
        for (int i = 0; i < count; i++) {
            clients.add(random.nextLong(span));
        }
        List<Change> changes = new ArrayList<>();
        int flips = random.nextInt(12);
        for (int i = 0; i < flips; i++) {
            Health health = Health.values()[random.nextInt(3)];
            changes.add(new Change(random.nextLong(span), random.nextInt(backends), health));
        }
        return new Plan(
                seed,
                backends,
                interval,
                timeout,
                1 + random.nextInt(3),
                1 + random.nextInt(3),
                clients,
                changes,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0);
    }
}
