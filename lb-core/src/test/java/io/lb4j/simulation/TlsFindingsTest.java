package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.simulation.Plan.Chances;
import io.lb4j.simulation.TlsPlan.BackendPlan;
import io.lb4j.simulation.TlsPlan.Leg;
import io.lb4j.simulation.TlsPlan.Manner;
import io.lb4j.simulation.TlsPlan.Reception;
import io.lb4j.simulation.TlsPlan.Settings;
import io.lb4j.simulation.TlsPlan.Side;
import io.lb4j.simulation.TlsPlan.TalkPlan;
import io.lb4j.tls.Truncation;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the simulator has found in TLS, each as the smallest plan that shows it, in some orders of its events. */
class TlsFindingsTest {
    private static final int ORDERS = 100;
    private static final int LARGE = 300_000;
    private static final Act FIN = Act.of(Act.Kind.FIN);
    private static final Act GARBAGE = Act.of(Act.Kind.GARBAGE);
    private static final Act HOLD = Act.of(Act.Kind.HOLD);
    private static final Act RESET = Act.of(Act.Kind.RESET);
    private static final Act SOON = Act.pause(Duration.ofNanos(10_000));
    private static final Act LATER = Act.pause(Duration.ofMillis(2));

    private final FailingLog log = new FailingLog();

    @AfterEach
    void logNoMore() {
        log.close();
    }

    /** Reads to the end at once, through buffers that are no matter. */
    private static Side side(Leg leg, Act... writer) {
        PeerPlan script = new PeerPlan(List.of(writer), List.of(Act.of(Act.Kind.READ_TO_END)), LARGE, LARGE);
        return new Side(leg, Truncation.RESET, Manner.GOOD, 0, script, 0);
    }

    /** With these buffers, its own and the engine's. */
    private static Side narrow(Side side, int buffer) {
        return side.with(new PeerPlan(side.script().writer(), side.script().reader(), buffer, buffer));
    }

    private static Side reading(Side side, Act... reader) {
        return side.with(side.script().withReader(List.of(reader)));
    }

    private static BackendPlan backend(Side side) {
        return new BackendPlan(Plan.Dial.ACCEPTS, side, null, true);
    }

    private static TlsPlan plan(long seed, Side client, BackendPlan backend) {
        Duration time = Duration.ofHours(1);
        Settings settings = new Settings(1, 1, time, time, time, time, time, time, 1 << 20, 0, 0, 0);
        TalkPlan talk = new TalkPlan(0, client, Reception.GOOD, List.of(backend), false);
        return new TlsPlan(seed, settings, Chances.NONE, List.of(talk), List.of());
    }

    /** Returns how often it ended for which reason. */
    private Map<CloseReason, Integer> ends(Side client, BackendPlan backend) {
        Map<CloseReason, Integer> ends = new HashMap<>();
        for (long seed = 0; seed < ORDERS; seed++) {
            TlsSimulation.Outcome outcome =
                    TlsSimulation.run(plan(seed, client, backend), log.counted(new Exits(null)));
            assertThat(outcome.objection()).as("order %d", seed).isNull();
            outcome.ends().forEach((reason, count) -> ends.merge(reason, count, Integer::sum));
        }
        return ends;
    }

    private static Act[] often(int times, Act... acts) {
        return Stream.generate(() -> acts).limit(times).flatMap(Stream::of).toArray(Act[]::new);
    }

    /** In TLS 1.2 it takes nothing more, but what it has said is complete. */
    @Test
    void endOfTls12_thatCrossesData_isPassedOnAsAnEnd() {
        Side client = narrow(side(Leg.PLAIN, often(20, Act.send(2000), SOON)), 5000);
        Side backend = side(Leg.TLS_1_2, Act.send(50_000), FIN);
        assertThat(ends(client, backend(backend))).containsKey(CloseReason.BACKEND_RESET);
    }

    /** The kernel tells of it once: if it tells a close_notify, a read sees an end. */
    @Test
    void reset_thatACloseNotifyWasTold_isNoEnd() {
        Side client = reading(side(Leg.TLS_1_3, Act.send(1000), LATER, RESET), Act.read(0));
        Side lenient = new Side(client.leg(), Truncation.END, Manner.GOOD, 0, client.script(), 0);
        Side backend = side(Leg.PLAIN, LATER, FIN);
        assertThat(ends(lenient, backend(backend))).containsOnlyKeys(CloseReason.CLIENT_RESET);
    }

    @Test
    void brokenStream_thatCrossesData_isTheReason() {
        Side client = side(Leg.TLS_1_3, Act.send(50_000), GARBAGE, HOLD);
        Side backend = narrow(side(Leg.PLAIN, often(20, Act.send(100), SOON)), 5000);
        assertThat(ends(client, backend(backend))).containsOnlyKeys(CloseReason.CLIENT_TLS_FAILED);
    }

    @Test
    void brokenStream_thatIsReadForAProxyHeader_isTheReason() {
        Side client = side(Leg.TLS_1_3, GARBAGE, HOLD);
        Side backend = side(Leg.PLAIN, Act.of(Act.Kind.AWAIT_READER));
        BackendPlan told = new BackendPlan(Plan.Dial.ACCEPTS, backend, ProxyVersion.V1, true);
        assertThat(ends(client, told)).containsOnlyKeys(CloseReason.CLIENT_TLS_FAILED);
    }

    /** The socket of one that is reset is writable for ever. */
    @Test
    void reset_ofOneThatHasTakenHalfACloseNotify_isNotWaitedForOnceMore() {
        Side client = reading(narrow(side(Leg.PLAIN, FIN), 100), LATER, LATER, Act.of(Act.Kind.READ_TO_END));
        Side backend = narrow(reading(side(Leg.TLS_1_3, Act.send(1000), RESET), LATER), 13);
        assertThat(ends(client, backend(backend))).containsKey(CloseReason.BACKEND_RESET);
    }

    @Test
    void whatIsSaid_byOneWhoTakesNothingMore_isDelivered() {
        Side client = side(Leg.TLS_1_3, Act.send(500_000), Act.of(Act.Kind.CLOSE));
        Side deaf = narrow(reading(client, Act.pause(Duration.ofSeconds(1))), 40_000);
        Side backend = narrow(side(Leg.PLAIN, Act.send(100_000)), 2000);
        assertThat(ends(deaf, backend(backend))).containsOnlyKeys(CloseReason.CLIENT_RESET);
    }

    /** A close_notify is no reset by another name. */
    @Test
    void reset_behindACloseNotify_isNoCut() {
        Side client = reading(side(Leg.TLS_1_3, Act.send(50_000), Act.of(Act.Kind.NOTIFY), RESET), Act.read(0));
        Side backend = narrow(side(Leg.PLAIN, often(20, Act.send(100), SOON)), 5000);
        assertThat(ends(client, backend(backend))).containsKey(CloseReason.CLIENT_RESET);
    }

    /** Nothing comes behind it by which it would be noticed. */
    @Test
    void brokenRecord_thatIsReadWithTheHandshake_isRefused() {
        Side backend = side(Leg.TLS_1_2, GARBAGE, HOLD);
        assertThat(ends(side(Leg.PLAIN, HOLD), backend(backend))).containsOnlyKeys(CloseReason.BACKEND_TLS_FAILED);
    }

    /** It would go on until there is no memory for more of them. */
    @Test
    void answers_thatNobodyTakes_areNotHeldForEver() {
        Act[] asks = often(600, new Act(Act.Kind.KEY_UPDATE, 1), Act.pause(Duration.ofMillis(11)));
        Side client = narrow(reading(side(Leg.TLS_1_3, asks), HOLD), 500);
        Side backend = side(Leg.PLAIN, Act.of(Act.Kind.AWAIT_READER));
        assertThat(ends(client, backend(backend))).containsOnlyKeys(CloseReason.CLIENT_TLS_FAILED);
    }
}
