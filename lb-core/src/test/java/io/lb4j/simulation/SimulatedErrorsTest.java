package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lb4j.simulation.Exits.Strike;
import io.lb4j.simulation.Simulation.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One call that leaves the engine fails with an error of the virtual machine, another one with every seed: nothing gets
 * stuck, and nobody suffers but the connection it was made for. {@code -Dsim.seeds=N -Dsim.from=S} makes more of it, or
 * repeats one; {@code -Dsim.survey} goes on after a failure, and tells at the end how often each kind was seen.
 */
class SimulatedErrorsTest {
    private static final boolean SURVEY = Boolean.getBoolean("sim.survey");

    /** So many seeds in a row make the same run fail at different calls: it need not be made without a fault each time. */
    private static final int SEEDS_OF_A_PLAN = 4;

    /** Of the calls of one kind so many are tried when a smaller plan is looked for. */
    private static final int MOST_TRIED = 50;

    private final FailingLog log = new FailingLog();
    private long countedPlan = -1;
    private int[] calls = {};

    @AfterEach
    void logNoMore() {
        log.close();
    }

    private record Finding(String objection, Exits exits) {
        String kind() {
            String what = objection.lines().findFirst().orElse("");
            int detail = what.indexOf(':');
            return exits.place() + " => " + (detail < 0 ? what : what.substring(0, detail)).replaceAll("\\d+", "n");
        }
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void proxy_oneOfWhoseCallsFails_keepsTheContractAndGoesOn() {
        run(Seeds.of(900), seed -> {
            Plan plan = Planner.plan(seed / SEEDS_OF_A_PLAN);
            Strike strike = strike(seed, counting -> Simulation.run(plan, counting));
            Finding finding = strike == null ? null : finding(plan, strike);
            return finding == null ? null : SURVEY ? finding : shrunk(plan, strike, finding);
        });
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void balancer_oneOfWhoseCallsFails_keepsItsPromisesAndGoesOn() {
        run(Seeds.of(200), seed -> {
            BalancerSimulation.Plan plan = SimulatedBalancerTest.plan(seed / SEEDS_OF_A_PLAN);
            Strike strike = strike(seed, counting -> BalancerSimulation.run(plan, counting));
            Exits exits = log.counted(new Exits(strike));
            String objection = BalancerSimulation.run(plan, exits).objection();
            return objection == null ? null : new Finding(objection + "\n" + plan, exits);
        });
    }

    /** Found beyond the seeds that every build runs: nobody said when a backend is checked for the first time. */
    @ParameterizedTest
    @ValueSource(longs = 11_048)
    void balancer_underASeedThatOnceFoundSomething_keepsItsPromises(long seed) {
        BalancerSimulation.Plan plan = SimulatedBalancerTest.plan(seed / SEEDS_OF_A_PLAN);
        Exits exits = log.counted(new Exits(strike(seed, counting -> BalancerSimulation.run(plan, counting))));
        assertThat(BalancerSimulation.run(plan, exits).objection()).isNull();
        assertThat(exits.hasStruck()).isTrue();
    }

    /**
     * A connection that has lost a peer is told to have ended for that, whatever strikes it afterwards: that it was struck
     * does not show in what is told of it. Each of these ended one that was still delivering what was due.
     */
    @ParameterizedTest
    @CsvSource(textBlock = """
            324, REGISTER, 5
            99, REGISTER_DONE, 8
            99, INTEREST, 46
            111, INTEREST, 36
            111, OPEN_PIPE, 0
            """)
    void connection_thatIsStruckWhenItHasLostAPeer_isTheOneToSuffer(long planSeed, Exit exit, int index) {
        Plan plan = Planner.plan(planSeed);
        Exits exits = log.counted(new Exits(new Strike(exit, index, true)));
        assertThat(Simulation.run(plan, exits).objection()).isNull();
        assertThat(exits.hasStruck()).isTrue();
    }

    private static void run(Seeds seeds, LongFunction<Finding> seedToFinding) {
        Map<String, String> kinds = new LinkedHashMap<>();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (long seed = seeds.from(); seed < seeds.end(); seed++) {
            Finding finding = seedToFinding.apply(seed);
            if (finding == null) {
                continue;
            }
            String description =
                    "-Dsim.from=%d -Dsim.seeds=1: %s%n%s".formatted(seed, finding.objection(), finding.exits());
            if (!SURVEY) {
                fail(description);
            }
            kinds.putIfAbsent(finding.kind(), description);
            counts.merge(finding.kind(), 1, Integer::sum);
        }
        kinds.forEach((kind, first) -> System.out.printf("%n%d x %s%n  %s%n", counts.get(kind), kind, first));
        assertThat(kinds.keySet()).isEmpty();
    }

    private Strike strike(long seed, Consumer<Exits> withoutFault) {
        if (countedPlan != seed / SEEDS_OF_A_PLAN) {
            Exits counting = log.counted(new Exits(null));
            withoutFault.accept(counting);
            countedPlan = seed / SEEDS_OF_A_PLAN;
            calls = counting.calls();
        }
        return Strike.among(calls, new SplittableRandom(seed * 37 + 11));
    }

    private Finding finding(Plan plan, Strike strike) {
        Exits exits = log.counted(new Exits(strike));
        Outcome outcome = Simulation.run(plan, exits);
        return outcome.isViolation() ? new Finding(outcome.objection(), exits) : null;
    }

    private Finding shrunk(Plan plan, Strike strike, Finding found) {
        Finding[] smallest = {found};
        Plan smaller = Shrinker.shrink(plan, candidate -> {
            Finding finding = findingOfKind(candidate, strike);
            smallest[0] = finding == null ? smallest[0] : finding;
            return finding != null;
        });
        return new Finding(
                "%s%n%s%n%nshrunk to %d connections, %s, %s, %s:%n%s"
                        .formatted(
                                found.objection(),
                                found.exits(),
                                smaller.talks().size(),
                                smaller.settings(),
                                smaller.chances(),
                                smaller.incidents(),
                                smallest[0].objection()),
                smallest[0].exits());
    }

    /** A smaller plan makes fewer calls: any of the same kind will do. */
    private Finding findingOfKind(Plan plan, Strike strike) {
        Exits counting = log.counted(new Exits(null));
        Simulation.run(plan, counting);
        int calls = counting.calls()[strike.exit().ordinal()];
        int step = Math.max(1, calls / MOST_TRIED);
        for (int i = 0; i < calls; i += step) {
            Finding finding = finding(plan, new Strike(strike.exit(), i, strike.stackOverflow()));
            if (finding != null) {
                return finding;
            }
        }
        return null;
    }

    @Test
    void run_ofTheSameSeed_isTheSameRun() {
        for (long seed = 0; seed < 30; seed++) {
            Plan plan = Planner.plan(seed / SEEDS_OF_A_PLAN);
            Strike strike = strike(seed, counting -> Simulation.run(plan, counting));
            Exits first = log.counted(new Exits(strike));
            long trace = Simulation.run(plan, first).trace();
            Exits second = log.counted(new Exits(strike));
            assertThat(Simulation.run(plan, second).trace()).as("seed %d", seed).isEqualTo(trace);
            assertThat(first.hasStruck()).as("seed %d, %s", seed, strike).isTrue();
        }
    }
}
