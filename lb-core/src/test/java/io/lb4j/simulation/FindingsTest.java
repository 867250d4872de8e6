package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.simulation.Plan.BackendPlan;
import io.lb4j.simulation.Plan.Chances;
import io.lb4j.simulation.Plan.Dial;
import io.lb4j.simulation.Plan.Place;
import io.lb4j.simulation.Plan.RouterManners;
import io.lb4j.simulation.Plan.Settings;
import io.lb4j.simulation.Plan.TalkPlan;
import io.lb4j.testing.LogCapture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the simulator found in the engine, each as the smallest script that shows it. */
class FindingsTest {
    private static final Settings SETTINGS = new Settings(
            1, true, 0, 3, Duration.ofSeconds(5), Duration.ofHours(1), Duration.ofMinutes(5), Duration.ofMinutes(5), 0);

    private final LogCapture log = LogCapture.silent();

    @AfterEach
    void close() {
        log.close();
    }

    /**
     * A client ended its stream; that was passed on. Then its backend was reset. Nobody was left to deliver the client's
     * bytes to, so its direction was marked as one whose bytes are to be thrown away, although it had ended: the loop
     * waited to read from a socket at its end, which is always ready, and read the end once more.
     */
    @Test
    void backendReset_afterTheClientHasEnded_doesNotReadTheClientAgain() {
        PeerPlan client = peer(Act.of(Act.Kind.FIN));
        PeerPlan backend = peer(Act.send(100), Act.pause(Duration.ofMillis(10)), Act.of(Act.Kind.RESET));
        holds(client, backend);
    }

    private static PeerPlan peer(Act... writer) {
        return new PeerPlan(List.of(writer), List.of(Act.of(Act.Kind.READ_TO_END)), 65_536, 65_536);
    }

    private static void holds(PeerPlan client, PeerPlan backend) {
        TalkPlan talk = new TalkPlan(
                0, client, List.of(new BackendPlan(Dial.ACCEPTS, 0, Place.HERE, backend)), RouterManners.GOOD, false);
        for (long seed = 0; seed < 200; seed++) {
            Simulation.Outcome outcome =
                    Simulation.run(new Plan(seed, SETTINGS, Chances.NONE, List.of(talk), List.of()));
            assertThat(outcome.objection()).as("seed %d", seed).isNull();
        }
    }
}
