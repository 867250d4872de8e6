package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.simulation.EntrySimulation.Client;
import io.lb4j.simulation.EntrySimulation.Outcome;
import io.lb4j.simulation.EntrySimulation.Plan;
import io.lb4j.simulation.Exits.Strike;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients of whom some may not come in, or not so many, or not so soon, in virtual time, seed after seed. {@code
 * -Dsim.seeds=N -Dsim.from=S} makes more of it, or repeats one.
 */
class SimulatedEntryTest {
    private final FailingLog log = new FailingLog();

    @AfterEach
    void logNoMore() {
        log.close();
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void entry_ofAnyClients_letsInWhoMayAndNobodyElse() {
        Seeds seeds = Seeds.of(300);
        Map<CloseReason, Integer> ends = new HashMap<>();
        for (long seed = seeds.from(); seed < seeds.end(); seed++) {
            Outcome outcome = EntrySimulation.run(plan(seed), log.counted(new Exits(null)));
            assertThat(outcome.objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s", seed, plan(seed))
                    .isNull();
            outcome.ends().forEach((reason, count) -> ends.merge(reason, count, Integer::sum));
        }
        System.out.printf("simulated the ends %s over %,d seeds%n", ends, seeds.count());
        assertThat(seeds.count() < 150
                        || ends.keySet()
                                .containsAll(Set.of(
                                        CloseReason.COMPLETED,
                                        CloseReason.ACCESS_DENIED,
                                        CloseReason.CLIENT_LIMIT,
                                        CloseReason.CLIENT_RATE)))
                .isTrue();
    }

    /** One call that leaves the engine fails with an error of the virtual machine, another one with every seed. */
    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void entry_whileACallFails_losesNoPlace() {
        Seeds seeds = Seeds.of(400);
        for (long seed = seeds.from(); seed < seeds.end(); seed++) {
            Plan plan = plan(seed);
            Exits counting = log.counted(new Exits(null));
            EntrySimulation.run(plan, counting);
            Strike strike = Strike.among(counting.calls(), new SplittableRandom(seed * 37 + 11));
            Exits exits = log.counted(new Exits(strike));
            assertThat(EntrySimulation.run(plan, exits).objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s, %s", seed, plan, exits)
                    .isNull();
        }
    }

    @Test
    void run_ofTheSameSeed_isTheSameRun() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(EntrySimulation.run(plan(seed), log.counted(new Exits(null)))
                            .trace())
                    .as("seed %d", seed)
                    .isEqualTo(EntrySimulation.run(plan(seed), log.counted(new Exits(null)))
                            .trace());
        }
    }

    private static Plan plan(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int addresses = 1 + random.nextInt(6);
        Set<Integer> denied = new HashSet<>();
        for (int i = 0; i < addresses; i++) {
            if (random.nextInt(4) == 0) {
                denied.add(i);
            }
        }
        long span = TimeUnit.MILLISECONDS.toNanos(20L << random.nextInt(7));
        List<Client> clients = new ArrayList<>();
        int count = 5 + random.nextInt(60);
        for (int i = 0; i < count; i++) {
            long at = random.nextInt(3) == 0 ? span / 2 : random.nextLong(span);
            clients.add(new Client(at, random.nextInt(addresses), random.nextLong(span / 3), random.nextInt(4) == 0));
        }
        int most = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(5);
        int rate = random.nextInt(2) == 0 ? 0 : 1 + random.nextInt(8);
        int maxClients = random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1000;
        int acceptRate = random.nextInt(2) == 0 ? 0 : 1 << random.nextInt(12);
        return new Plan(
                seed,
                1 + random.nextInt(4),
                denied,
                most,
                rate,
                maxClients,
                acceptRate,
                random.nextInt(3) == 0,
                clients);
    }
}
