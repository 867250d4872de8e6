package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.simulation.Plan.BackendPlan;
import io.lb4j.simulation.Plan.Chances;
import io.lb4j.simulation.Plan.Dial;
import io.lb4j.simulation.Plan.Place;
import io.lb4j.simulation.Plan.RouterManners;
import io.lb4j.simulation.Plan.Settings;
import io.lb4j.simulation.Plan.TalkPlan;
import io.lb4j.simulation.SimPeer.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Keeps the simulator honest: the same scripts through the same engine, once on simulated and once on real sockets, must
 * come to the same end. The scripts are such that no race decides how they end.
 */
class SameOnRealSocketsTest {
    private static final long SEED = Long.getLong("sim.from", 1);
    private static final int ROUNDS = 6;

    /** How a connection ended, from all sides. */
    record Ending(
            End client,
            long clientReceived,
            End backend,
            long backendReceived,
            CloseReason reason,
            long bytesToBackend,
            long bytesToClient,
            int attempts) {}

    /** How a talk goes; {@code up} and {@code down} are what client and backend send. */
    enum Shape {
        CLIENT_ENDS_FIRST {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                return SameOnRealSocketsTest.talk(
                        peer(buffer, Act.send(up), FIN), peer(buffer, AWAIT_READER, Act.send(down)), Dial.ACCEPTS);
            }
        },
        BACKEND_ENDS_FIRST {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                return SameOnRealSocketsTest.talk(
                        peer(buffer, AWAIT_READER, Act.send(up)), peer(buffer, Act.send(down), FIN), Dial.ACCEPTS);
            }
        },
        BOTH_END_AT_ONCE {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                return SameOnRealSocketsTest.talk(
                        peer(buffer, Act.send(up), FIN), peer(buffer, Act.send(down), FIN), Dial.ACCEPTS);
            }
        },
        CLIENT_IS_SLOW {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                PeerPlan client = new PeerPlan(
                        List.of(Act.send(up), FIN),
                        List.of(Act.pause(Duration.ofMillis(20)), Act.read(down / 2), Act.of(Act.Kind.READ_TO_END)),
                        buffer,
                        buffer);
                return SameOnRealSocketsTest.talk(client, peer(buffer, Act.send(down), FIN), Dial.ACCEPTS);
            }
        },
        CLIENT_RESETS_WHEN_ALL_IS_READ {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                return SameOnRealSocketsTest.talk(
                        peer(buffer, Act.send(up), awaitBytes(down), RESET),
                        peer(buffer, awaitBytes(up), Act.send(down), AWAIT_READER),
                        Dial.ACCEPTS);
            }
        },
        BACKEND_RESETS_WHEN_ALL_IS_READ {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                return SameOnRealSocketsTest.talk(
                        peer(buffer, awaitBytes(down), Act.send(up), AWAIT_READER),
                        peer(buffer, Act.send(down), awaitBytes(up), RESET),
                        Dial.ACCEPTS);
            }
        },
        BACKEND_RESETS_AFTER_ITS_END {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                PeerPlan backend = peer(buffer, Act.send(down), FIN, AWAIT_READER, RESET);
                return SameOnRealSocketsTest.talk(peer(buffer, AWAIT_READER, Act.send(up)), backend, Dial.ACCEPTS);
            }
        },
        FIRST_BACKEND_REFUSES {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                return SameOnRealSocketsTest.talk(
                        peer(buffer, Act.send(up), FIN),
                        peer(buffer, AWAIT_READER, Act.send(down)),
                        Dial.REFUSES,
                        Dial.ACCEPTS);
            }
        },
        ALL_BACKENDS_REFUSE {
            @Override
            TalkPlan talk(int up, int down, int buffer) {
                return SameOnRealSocketsTest.talk(
                        peer(buffer, Act.send(up), FIN), peer(buffer), Dial.REFUSES, Dial.REFUSES);
            }
        };

        abstract TalkPlan talk(int up, int down, int buffer);
    }

    private static final Act FIN = Act.of(Act.Kind.FIN);
    private static final Act RESET = Act.of(Act.Kind.RESET);
    private static final Act AWAIT_READER = Act.of(Act.Kind.AWAIT_READER);

    private static Act awaitBytes(long bytes) {
        return new Act(Act.Kind.AWAIT_BYTES, bytes);
    }

    private static PeerPlan peer(int buffer, Act... writer) {
        return new PeerPlan(List.of(writer), List.of(Act.of(Act.Kind.READ_TO_END)), buffer, buffer);
    }

    private static TalkPlan talk(PeerPlan client, PeerPlan backend, Dial... dials) {
        List<BackendPlan> backends = new ArrayList<>();
        for (Dial dial : dials) {
            backends.add(new BackendPlan(dial, 0, Place.HERE, backend));
        }
        return new TalkPlan(0, client, backends, RouterManners.GOOD, false);
    }

    @ParameterizedTest
    @EnumSource
    void talk_onSimulatedAndOnRealSockets_endsTheSame(Shape shape) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            int up = 1 + random.nextInt(round % 2 == 0 ? 500 : 300_000);
            int down = 1 + random.nextInt(round % 3 == 0 ? 500 : 300_000);
            int buffer = round % 2 == 0 ? 65_536 : 8192;
            TalkPlan talk = shape.talk(up, down, buffer);
            Ending real = RealTalk.run(talk);
            for (int variant = 0; variant < 5; variant++) {
                Ending simulated = simulate(talk, SEED * 100 + round * 10L + variant);
                assertThat(simulated)
                        .as("-Dsim.from=%d: %s, round %d", SEED, talk, round)
                        .isEqualTo(real);
            }
        }
    }

    private static Ending simulate(TalkPlan talk, long seed) {
        Settings settings = new Settings(
                1,
                true,
                0,
                3,
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                0);
        Simulation.Outcome outcome = Simulation.run(new Plan(seed, settings, Chances.NONE, List.of(talk), List.of()));
        assertThat(outcome.objection()).isNull();
        Talk ended = outcome.talks().get(0);
        SimPeer backend = ended.backend();
        return new Ending(
                ended.client.seen(),
                ended.client.received(),
                backend == null ? End.UNSEEN : backend.seen(),
                backend == null ? 0 : backend.received(),
                ended.summary.reason(),
                ended.summary.bytesToBackend(),
                ended.summary.bytesToClient(),
                ended.summary.attempts());
    }
}
