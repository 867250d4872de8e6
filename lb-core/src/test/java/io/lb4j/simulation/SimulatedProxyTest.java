package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lb4j.simulation.Plan.Incident;
import io.lb4j.simulation.Simulation.Outcome;
import io.lb4j.testing.LogCapture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The engine on a simulated network, seed after seed. {@code -Dsim.seeds=N -Dsim.from=S} makes more of it, or repeats
 * one.
 */
class SimulatedProxyTest {
    private static final Seeds SEEDS = Seeds.of(3000);

    private final LogCapture log = LogCapture.silent();

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void proxy_underAnySeed_keepsTheContract() {
        long began = System.nanoTime();
        long connections = 0;
        for (long seed = SEEDS.from(); seed < SEEDS.end(); seed++) {
            Outcome outcome = Simulation.run(Planner.plan(seed));
            connections += outcome.connections();
            if (outcome.isViolation()) {
                fail(describe(seed, outcome));
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "simulated %,d connections over %,d seeds in %.1f s (%,.0f/s)%n",
                connections, SEEDS.count(), seconds, connections / seconds);
        assertThat(connections).isGreaterThanOrEqualTo(SEEDS.count());
    }

    private static String describe(long seed, Outcome outcome) {
        Plan smaller =
                Shrinker.shrink(Planner.plan(seed), plan -> Simulation.run(plan).isViolation());
        return "-Dsim.from=%d -Dsim.seeds=1: %s%n%nshrunk to %d connections, %s, %s, %s:%n%s"
                .formatted(
                        seed,
                        outcome.objection(),
                        smaller.talks().size(),
                        smaller.settings(),
                        smaller.chances(),
                        smaller.incidents(),
                        Simulation.run(smaller).objection());
    }

    @Test
    void run_ofTheSameSeed_isTheSameRun() {
        for (long seed = 0; seed < 50; seed++) {
            Outcome first = Simulation.run(Planner.plan(seed));
            Outcome second = Simulation.run(Planner.plan(seed));
            assertThat(second.trace()).as("seed %d", seed).isEqualTo(first.trace());
            assertThat(second.events()).as("seed %d", seed).isEqualTo(first.events());
        }
        assertThat(Simulation.run(Planner.plan(1)).trace())
                .isNotEqualTo(Simulation.run(Planner.plan(2)).trace());
    }

    @Test
    void shrinker_ofAPlanThatFails_leavesWhatMakesItFail() {
        Plan plan = Planner.plan(11);
        int middle = plan.talks().size() / 2;
        Plan.TalkPlan talk = plan.talks().get(middle);
        Act culprit = Act.send(4711);
        PeerPlan client = talk.client().withWriter(List.of(Act.send(1), culprit, Act.send(2), Act.send(3)));
        Incident incident = new Incident(1, Incident.Kind.DRAIN, 2);
        Plan failing = plan.withTalk(middle, talk.withClient(client))
                .withIncidents(List.of(new Incident(0, Incident.Kind.SLEEP, 1), incident));
        Plan shrunk = Shrinker.shrink(
                failing,
                candidate -> candidate.incidents().contains(incident)
                        && candidate.talks().stream()
                                .anyMatch(one -> one.client().writer().contains(culprit)));
        assertThat(shrunk.incidents()).containsExactly(incident);
        assertThat(shrunk.talks()).singleElement().satisfies(one -> {
            assertThat(one.client().writer()).containsExactly(culprit);
            assertThat(one.client().reader()).isEmpty();
            assertThat(one.backends()).allSatisfy(backend -> {
                assertThat(backend.peer().writer()).isEmpty();
                assertThat(backend.peer().reader()).isEmpty();
            });
        });
        assertThat(shrunk.chances()).isEqualTo(Plan.Chances.NONE);
    }
}
