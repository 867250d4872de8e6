package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.simulation.ArrivalSimulation.Outcome;
import io.lb4j.simulation.ArrivalSimulation.Plan;
import io.lb4j.simulation.Exits.Strike;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients who have to say something first, and say it right, wrong, in pieces, late or never, in virtual time, seed after seed.
 * {@code -Dsim.seeds=N -Dsim.from=S} makes more of it, or repeats one.
 */
class SimulatedArrivalTest {
    private final FailingLog log = new FailingLog();

    @AfterEach
    void logNoMore() {
        log.close();
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void arrival_ofAnyClients_forwardsNothingBeforeItIsCompleteAndAllowed() {
        Seeds seeds = Seeds.of(600);
        Map<CloseReason, Integer> ends = new HashMap<>();
        for (long seed = seeds.from(); seed < seeds.end(); seed++) {
            Outcome outcome = ArrivalSimulation.run(ArrivalPlans.plan(seed), log.counted(new Exits(null)));
            assertThat(outcome.objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s", seed, shown(seed))
                    .isNull();
            outcome.ends().forEach((reason, count) -> ends.merge(reason, count, Integer::sum));
        }
        System.out.printf("simulated the ends %s over %,d seeds%n", ends, seeds.count());
        assertThat(seeds.count() < 150
                        || ends.keySet()
                                .containsAll(Set.of(
                                        CloseReason.COMPLETED,
                                        CloseReason.CLIENT_RESET,
                                        CloseReason.PEER_NOT_TRUSTED,
                                        CloseReason.PREFACE_INVALID,
                                        CloseReason.PREFACE_TIMEOUT)))
                .isTrue();
    }

    /** One call that leaves the engine fails with an error of the virtual machine, another one with every seed. */
    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void arrival_whileACallFails_leavesNothing() {
        Seeds seeds = Seeds.of(600);
        for (long seed = seeds.from(); seed < seeds.end(); seed++) {
            Plan plan = ArrivalPlans.plan(seed);
            Exits counting = log.counted(new Exits(null));
            ArrivalSimulation.run(plan, counting);
            Strike strike = Strike.among(counting.calls(), new SplittableRandom(seed * 37 + 11));
            Exits exits = log.counted(new Exits(strike));
            assertThat(ArrivalSimulation.run(plan, exits).objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s, %s", seed, shown(seed), exits)
                    .isNull();
        }
    }

    @Test
    void run_ofTheSameSeed_isTheSameRun() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(ArrivalSimulation.run(ArrivalPlans.plan(seed), log.counted(new Exits(null)))
                            .trace())
                    .as("seed %d", seed)
                    .isEqualTo(ArrivalSimulation.run(ArrivalPlans.plan(seed), log.counted(new Exits(null)))
                            .trace());
        }
    }

    private static String shown(long seed) {
        Plan plan = ArrivalPlans.plan(seed);
        return plan.loops() + " loops, " + plan.untrusted() + ", " + plan.connectWhen() + ", out " + plan.out();
    }
}
