package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lb4j.event.CloseReason;
import io.lb4j.simulation.Exits.Strike;
import io.lb4j.simulation.Plan.Chances;
import io.lb4j.simulation.TlsSimulation.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients and backends that speak TLS, of either version or none, well, badly or not at all, in virtual time, seed after
 * seed.
 * {@code -Dsim.seeds=N -Dsim.from=S} makes more of it, or repeats one.
 */
class SimulatedTlsTest {
    private static final long FROM = Long.getLong("sim.from", 0);

    /** So many seeds in a row make the same run fail at different calls. */
    private static final int SEEDS_OF_A_PLAN = 4;

    private final FailingLog log = new FailingLog();

    @AfterEach
    void logNoMore() {
        log.close();
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void tls_ofAnyPeers_keepsTheContract() {
        long began = System.nanoTime();
        long seeds = Long.getLong("sim.seeds", 120);
        long connections = 0;
        Map<CloseReason, Integer> ends = new HashMap<>();
        for (long seed = FROM; seed < FROM + seeds; seed++) {
            TlsPlan plan = TlsPlanner.plan(seed);
            Outcome outcome = TlsSimulation.run(plan, log.counted(new Exits(null)));
            assertThat(log.logged()).as("-Dsim.from=%d -Dsim.seeds=1", seed).isNull();
            if (outcome.objection() != null) {
                fail(shown(plan));
            }
            connections += outcome.connections();
            outcome.ends().forEach((reason, count) -> ends.merge(reason, count, Integer::sum));
        }
        System.out.printf(
                "simulated the ends %s of %,d connections over %,d seeds in %.1f s%n",
                ends, connections, seeds, (System.nanoTime() - began) / 1e9);
        assertThat(seeds < 120
                        || ends.keySet()
                                .containsAll(Set.of(
                                        CloseReason.COMPLETED,
                                        CloseReason.CLIENT_RESET,
                                        CloseReason.BACKEND_RESET,
                                        CloseReason.CLIENT_TRUNCATED,
                                        CloseReason.BACKEND_TRUNCATED,
                                        CloseReason.CLIENT_TLS_FAILED,
                                        CloseReason.BACKEND_TLS_FAILED,
                                        CloseReason.TLS_HANDSHAKE_FAILED,
                                        CloseReason.TLS_HANDSHAKE_TIMEOUT,
                                        CloseReason.CONNECT_FAILED)))
                .isTrue();
    }

    /** One call that leaves the engine fails with an error of the virtual machine, another one with every seed. */
    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void tls_whileACallFails_leavesNothing() {
        long seeds = Long.getLong("sim.seeds", 80);
        int[] calls = {};
        for (long seed = FROM; seed < FROM + seeds; seed++) {
            TlsPlan plan = TlsPlanner.plan(seed / SEEDS_OF_A_PLAN);
            if (seed == FROM || seed % SEEDS_OF_A_PLAN == 0) {
                Exits counting = log.counted(new Exits(null));
                TlsSimulation.run(plan, counting);
                calls = counting.calls();
            }
            Strike strike = Strike.among(calls, new SplittableRandom(seed * 37 + 11));
            Exits exits = log.counted(new Exits(strike));
            assertThat(TlsSimulation.run(plan, exits).objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s", seed, exits)
                    .isNull();
        }
    }

    @Test
    void run_ofTheSameSeed_isTheSameRun() {
        for (long seed = 0; seed < 6; seed++) {
            TlsPlan plan = TlsPlanner.plan(seed);
            assertThat(TlsSimulation.run(plan, log.counted(new Exits(null))).trace())
                    .as("seed %d", seed)
                    .isEqualTo(TlsSimulation.run(plan, log.counted(new Exits(null)))
                            .trace());
        }
    }

    /** How to see it again; and the smallest plan found that fails as well. */
    private String shown(TlsPlan failing) {
        Predicate<TlsPlan> fails = plan -> objection(plan) != null;
        TlsPlan fewer = Shrinker.halve(failing, failing.talks(), TlsPlan::withTalks, fails);
        TlsPlan quieter = Shrinker.halve(fewer, fewer.incidents(), TlsPlan::withIncidents, fails);
        TlsPlan calm = quieter.withChances(Chances.NONE);
        TlsPlan smaller = fails.test(calm) ? calm : quieter;
        return "-Dsim.from=%d -Dsim.seeds=1, %d connections, %s, %s, %s: %s"
                .formatted(
                        failing.seed(),
                        smaller.talks().size(),
                        smaller.settings(),
                        smaller.chances(),
                        smaller.incidents(),
                        objection(smaller));
    }

    private String objection(TlsPlan plan) {
        return TlsSimulation.run(plan, log.counted(new Exits(null))).objection();
    }
}
