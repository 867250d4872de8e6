package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.access.Bandwidth;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.simulation.Plan.BackendPlan;
import io.lb4j.simulation.Plan.Chances;
import io.lb4j.simulation.Plan.Dial;
import io.lb4j.simulation.Plan.Incident;
import io.lb4j.simulation.Plan.Place;
import io.lb4j.simulation.Plan.RouterManners;
import io.lb4j.simulation.Plan.Settings;
import io.lb4j.simulation.Plan.TalkPlan;
import io.lb4j.testing.LogCapture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of time to the millisecond, in virtual time; the clock starts somewhere, before it wraps as well. */
class TimeRulesTest {
    private static final long BEFORE_IT_WRAPS = Long.MAX_VALUE - 1_000_000_000L;
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration HALF_CLOSED = Duration.ofSeconds(20);
    private static final Duration STALL = Duration.ofSeconds(10);

    private static final Act HOLD = Act.of(Act.Kind.HOLD);
    private static final Act READ_TO_END = Act.of(Act.Kind.READ_TO_END);

    private final LogCapture log = LogCapture.silent();

    @AfterEach
    void close() {
        log.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void idleTimeout_afterTheLastByte_isDueToTheMillisecond(long start) {
        PeerPlan client = peer(Act.pause(Duration.ofSeconds(50)), Act.send(10), HOLD);
        ConnectionSummary summary = run(start, talk(client, peer(HOLD)));
        ended(summary, CloseReason.IDLE_TIMEOUT, Duration.ofSeconds(50).plus(IDLE));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void idleTimeout_whileBytesTrickle_isRearmedByEachOfThem(long start) {
        List<Act> trickle = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            trickle.add(Act.pause(IDLE.multipliedBy(3).dividedBy(4)));
            trickle.add(Act.send(1));
        }
        trickle.add(Act.of(Act.Kind.FIN));
        ConnectionSummary summary =
                run(start, talk(peer(trickle.toArray(Act[]::new)), peer(Act.of(Act.Kind.AWAIT_READER))));
        ended(summary, CloseReason.COMPLETED, IDLE.multipliedBy(30).dividedBy(4));
        assertThat(summary.bytesToBackend()).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void halfClosedTimeout_afterOneSideEnded_isDueToTheMillisecond(long start) {
        PeerPlan client = peer(Act.pause(Duration.ofSeconds(5)), Act.of(Act.Kind.FIN), HOLD);
        ConnectionSummary summary = run(start, talk(client, peer(HOLD)));
        ended(summary, CloseReason.HALF_CLOSED_TIMEOUT, Duration.ofSeconds(5).plus(HALF_CLOSED));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void stallTimeout_whenAReaderTakesNothing_isDueToTheMillisecond(long start) {
        PeerPlan deaf = new PeerPlan(List.of(HOLD), List.of(HOLD), 8192, 8192);
        ConnectionSummary summary = run(start, talk(deaf, peer(Act.send(1_000_000), HOLD)));
        ended(summary, CloseReason.STALL_TIMEOUT, STALL);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void stallTimeout_whenAReaderTakesALittle_isRearmed(long start) {
        PeerPlan slow = new PeerPlan(
                List.of(HOLD),
                List.of(
                        Act.pause(Duration.ofSeconds(8)),
                        Act.read(8192),
                        Act.pause(Duration.ofSeconds(8)),
                        Act.read(8192),
                        HOLD),
                8192,
                8192);
        ConnectionSummary summary = run(start, talk(slow, peer(Act.send(1_000_000), HOLD)));
        ended(summary, CloseReason.STALL_TIMEOUT, Duration.ofSeconds(16).plus(STALL));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void waitForABandwidth_longerThanAnyTimeout_isNoSilence(long start) {
        // Forty wait for a share of 5 bytes each at 100 bytes a second: each is read from once in two seconds.
        Duration second = Duration.ofSeconds(1);
        Settings settings = new Settings(1, true, 0, 4, second, second, second, second, start);
        Act[] fin = {Act.send(2_000), Act.of(Act.Kind.FIN)};
        List<TalkPlan> talks = Collections.nCopies(40, talk(peer(Act.of(Act.Kind.FIN)), peer(fin)));
        Bandwidths ofAll =
                new Bandwidths(Optional.empty(), Optional.empty(), Optional.of(Bandwidth.of(all -> all.toClient(100))));
        Simulation.Outcome outcome = Simulation.run(new Plan(7, settings, Chances.NONE, ofAll, talks, List.of()));
        assertThat(outcome.objection()).isNull();
        assertThat(outcome.talks())
                .filteredOn(talk -> talk.index < 40)
                .allSatisfy(talk -> assertThat(talk.summary.reason()).isEqualTo(CloseReason.COMPLETED));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void connectTimeout_ofEachAttempt_isDueToTheMillisecond_andAllAttemptsAreMade(long start) {
        ConnectionSummary summary = run(start, unanswered(), Duration.ofSeconds(4), List.of());
        ended(summary, CloseReason.CONNECT_FAILED, Duration.ofSeconds(16));
        assertThat(summary.attempts()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, BEFORE_IT_WRAPS})
    void drain_whoseGraceIsOver_resetsWhatIsLeftToTheMillisecond(long start) {
        List<Incident> drain = List.of(new Incident(
                Duration.ofSeconds(3).toNanos(),
                Incident.Kind.DRAIN,
                Duration.ofSeconds(7).toNanos()));
        ConnectionSummary summary = run(start, talk(peer(HOLD), peer(HOLD)), Duration.ofSeconds(5), drain);
        ended(summary, CloseReason.DRAIN_DEADLINE, Duration.ofSeconds(10));
    }

    private static void ended(ConnectionSummary summary, CloseReason reason, Duration after) {
        assertThat(summary.reason()).isEqualTo(reason);
        // Some events of the run take micro- or milliseconds, and a select rounds up to the next millisecond.
        assertThat(summary.duration()).isBetween(after.minusMillis(10), after.plusMillis(30));
    }

    private static PeerPlan peer(Act... writer) {
        return new PeerPlan(List.of(writer), List.of(READ_TO_END), 65_536, 65_536);
    }

    private static TalkPlan talk(PeerPlan client, PeerPlan backend) {
        return new TalkPlan(
                0, client, List.of(new BackendPlan(Dial.ACCEPTS, 0, Place.HERE, backend)), RouterManners.GOOD, false);
    }

    private static TalkPlan unanswered() {
        BackendPlan silent = new BackendPlan(Dial.SILENT, 0, Place.THERE, peer());
        return new TalkPlan(0, peer(HOLD), Collections.nCopies(4, silent), RouterManners.GOOD, false);
    }

    private static ConnectionSummary run(long start, TalkPlan talk) {
        return run(start, talk, Duration.ofSeconds(5), List.of());
    }

    private static ConnectionSummary run(long start, TalkPlan talk, Duration connectTimeout, List<Incident> incidents) {
        Settings settings = new Settings(1, true, 0, 4, connectTimeout, IDLE, HALF_CLOSED, STALL, start);
        Simulation.Outcome outcome = Simulation.run(new Plan(7, settings, Chances.NONE, List.of(talk), incidents));
        assertThat(outcome.objection()).isNull();
        return outcome.talks().get(0).summary;
    }
}
