package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.simulation.Exits.Strike;
import io.lb4j.simulation.QueueSimulation.Change;
import io.lb4j.simulation.QueueSimulation.Client;
import io.lb4j.simulation.QueueSimulation.Kind;
import io.lb4j.simulation.QueueSimulation.Outcome;
import io.lb4j.simulation.QueueSimulation.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * More clients than places, in virtual time, seed after seed. {@code -Dsim.seeds=N -Dsim.from=S} makes more of it, or
 * repeats one.
 */
class SimulatedQueueTest {
    private final FailingLog log = new FailingLog();

    @AfterEach
    void logNoMore() {
        log.close();
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void line_ofClientsThatComeAndGo_losesNobodyAndNothing() {
        Seeds seeds = Seeds.of(150);
        long waited = 0;
        for (long seed = seeds.from(); seed < seeds.end(); seed++) {
            Outcome outcome = QueueSimulation.run(plan(seed), log.counted(new Exits(null)));
            assertThat(outcome.objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s", seed, plan(seed))
                    .isNull();
            waited += outcome.waited();
        }
        assertThat(waited).isPositive();
        System.out.printf("simulated %,d connections that waited over %,d seeds%n", waited, seeds.count());
    }

    /** One call that leaves the engine fails with an error of the virtual machine, another one with every seed. */
    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void line_whileACallFails_losesNobodyAndNothing() {
        Seeds seeds = Seeds.of(200);
        for (long seed = seeds.from(); seed < seeds.end(); seed++) {
            Plan plan = plan(seed);
            Exits counting = log.counted(new Exits(null));
            QueueSimulation.run(plan, counting);
            Strike strike = Strike.among(counting.calls(), new SplittableRandom(seed * 37 + 11));
            Exits exits = log.counted(new Exits(strike));
            assertThat(QueueSimulation.run(plan, exits).objection())
                    .as("-Dsim.from=%d -Dsim.seeds=1, %s, %s", seed, plan, exits)
                    .isNull();
        }
    }

    @Test
    void run_ofTheSameSeed_isTheSameRun() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(QueueSimulation.run(plan(seed), log.counted(new Exits(null)))
                            .trace())
                    .as("seed %d", seed)
                    .isEqualTo(QueueSimulation.run(plan(seed), log.counted(new Exits(null)))
                            .trace());
        }
    }

    private static Plan plan(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> limits = new ArrayList<>();
        int backends = 1 + random.nextInt(3);
        for (int i = 0; i < backends; i++) {
            limits.add(1 + random.nextInt(3));
        }
        Duration timeout = Duration.ofMillis(random.nextInt(3) == 0 ? 400 : 30_000);
        long span = TimeUnit.MILLISECONDS.toNanos(50L << random.nextInt(6));
        List<Client> clients = new ArrayList<>();
        int count = 5 + random.nextInt(40);
        for (int i = 0; i < count; i++) {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            long at = random.nextInt(3) == 0 ? span / 2 : random.nextLong(span);
            clients.add(new Client(at, kind, random.nextLong(2 * span), random.nextLong(span / 3)));
        }
        List<Change> changes = new ArrayList<>();
        int changed = random.nextBoolean() ? 0 : random.nextInt(8);
        for (int i = 0; i < changed; i++) {
            changes.add(new Change(random.nextLong(2 * span), random.nextInt(backends), random.nextInt(5)));
        }
        int maxWaiting = random.nextInt(4) == 0 ? random.nextInt(5) : count + 1;
        boolean refusing = backends > 1 && random.nextInt(4) == 0;
        return new Plan(seed, 1 + random.nextInt(4), limits, timeout, maxWaiting, refusing, clients, changes);
    }
}
