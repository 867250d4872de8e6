package io.lb4j.simulation;

import io.lb4j.preface.ProxyVersion;
import io.lb4j.simulation.Plan.Chances;
import io.lb4j.simulation.TlsPlan.BackendPlan;
import io.lb4j.simulation.TlsPlan.Incident;
import io.lb4j.simulation.TlsPlan.Leg;
import io.lb4j.simulation.TlsPlan.Manner;
import io.lb4j.simulation.TlsPlan.Reception;
import io.lb4j.simulation.TlsPlan.Settings;
import io.lb4j.simulation.TlsPlan.Side;
import io.lb4j.simulation.TlsPlan.TalkPlan;
import io.lb4j.tls.Truncation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Makes a {@link TlsPlan} out of a seed. */
final class TlsPlanner {
    private static final int MOST_TALKS = 14;
    private static final int TINY = 64;

    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration LONG = Duration.ofHours(1);

    private final SplittableRandom random;
    private final long seed;
    private final TlsScripts scripts;
    private final boolean calm;

    private TlsPlanner(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed * 31 + 71);
        scripts = new TlsScripts(random);
        calm = oneIn(2);
    }

    static TlsPlan plan(long seed) {
        return new TlsPlanner(seed).plan();
    }

    private TlsPlan plan() {
        Settings settings = settings();
        long spread = pick(0L, 5 * MILLISECOND, 200 * MILLISECOND);
        int count = 1 + random.nextInt(oneIn(2) ? 3 : MOST_TALKS);
        List<TalkPlan> talks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long begin = spread == 0 ? 0 : random.nextLong(spread);
            talks.add(oneIn(3) ? wild(begin) : tame(begin));
        }
        List<Incident> incidents = calm ? List.of() : incidents(Math.max(spread, 20 * MILLISECOND), count);
        return new TlsPlan(seed, settings, chances(), talks, incidents);
    }

    private Settings settings() {
        Duration shortTime = Duration.ofMillis(pick(30, 300, 3000));
        boolean hurried = !calm && oneIn(2);
        return new Settings(
                1 + random.nextInt(2),
                1 + random.nextInt(3),
                hurried ? shortTime : LONG,
                hurried ? shortTime : LONG,
                hurried ? shortTime : LONG,
                hurried ? shortTime : LONG,
                hurried ? shortTime : LONG,
                hurried ? shortTime : LONG,
                pick(65_536L, 65_536L, 1L << 20, 1L << 26),
                oneIn(5) ? pick(3000L, 100_000L, 10_000_000L) : 0,
                pick(0, 0, 0, 16, 700),
                pick(0L, 0L, 100_000L, 5 * MILLISECOND, 100 * MILLISECOND));
    }

    private Chances chances() {
        return oneIn(3)
                ? Chances.NONE
                : new Chances(pick(0, 1, 3, 20), pick(0, 0, 5, 50), pick(0, 20), pick(0, 10), pick(0, 50), 0, 0, 4096);
    }

    private List<Incident> incidents(long about, int count) {
        List<Incident> incidents = new ArrayList<>();
        if (oneIn(4)) {
            incidents.add(
                    new Incident(random.nextLong(2 * about), Incident.Kind.SLEEP, random.nextLong(2000) * MILLISECOND));
        }
        if (oneIn(4)) {
            long grace = pick(0L, MILLISECOND, 100 * MILLISECOND, 30_000 * MILLISECOND);
            incidents.add(new Incident(random.nextLong(2 * about), Incident.Kind.DRAIN, grace));
        }
        if (oneIn(4)) {
            incidents.add(new Incident(random.nextLong(2 * about), Incident.Kind.CLOSE, 0));
        }
        for (int i = 0; i < 3; i++) {
            if (oneIn(4)) {
                Incident.Kind kind = pick(Incident.Kind.LEAVE, Incident.Kind.GIVE_UP);
                incidents.add(new Incident(random.nextLong(2 * about), kind, random.nextInt(count)));
            }
        }
        return incidents;
    }

    // ---- connections that are complete in the end

    private TalkPlan tame(long begin) {
        Leg client = leg();
        Leg backend = leg();
        int clientBuffer = buffer();
        int backendBuffer = buffer();
        int least = Math.min(clientBuffer, backendBuffer);
        long up = size(least);
        long down = size(least);
        List<Act> says = scripts.speech(client, up);
        List<Act> answers = scripts.speech(backend, down);
        if (client == Leg.TLS_1_2 || backend == Leg.TLS_1_2) {
            // Whoever ends it ends both directions: the other one is to be silent by then.
            answers.add(0, new Act(Act.Kind.AWAIT_BYTES, up));
            boolean backendEnds = oneIn(2);
            says.add(backendEnds ? Act.of(Act.Kind.AWAIT_READER) : new Act(Act.Kind.AWAIT_BYTES, down));
            says.add(scripts.end());
            answers.addAll(
                    backendEnds ? List.of(scripts.end()) : List.of(Act.of(Act.Kind.AWAIT_READER), scripts.end()));
        } else {
            says.addAll(oneIn(4) ? List.of(Act.of(Act.Kind.AWAIT_READER), scripts.end()) : List.of(scripts.end()));
            boolean waits = oneIn(4) && !says.contains(Act.of(Act.Kind.AWAIT_READER));
            answers.addAll(waits ? List.of(Act.of(Act.Kind.AWAIT_READER), scripts.end()) : List.of(scripts.end()));
        }
        Side from = side(client, says, scripts.reader(true), clientBuffer);
        Side to = side(backend, answers, scripts.reader(true), backendBuffer);
        return new TalkPlan(
                begin, from, Reception.GOOD, List.of(new BackendPlan(Plan.Dial.ACCEPTS, to, told(), true)), true);
    }

    // ---- connections that come to any end

    private TalkPlan wild(long begin) {
        Side client = wildSide();
        List<BackendPlan> backends = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            Plan.Dial dial = oneIn(8) ? pick(Plan.Dial.REFUSES, Plan.Dial.SILENT) : Plan.Dial.ACCEPTS;
            backends.add(new BackendPlan(dial, wildSide(), told(), !oneIn(8)));
        }
        Reception reception = oneIn(12) ? pick(Reception.REFUSES, Reception.HAS_NO_ENGINE) : Reception.GOOD;
        return new TalkPlan(begin, client, reception, backends, false);
    }

    private Side wildSide() {
        Leg leg = leg();
        int buffer = buffer();
        List<Act> writer = scripts.speech(leg, oneIn(5) ? 0 : size(buffer));
        if (oneIn(4)) {
            writer.add(0, new Act(Act.Kind.AWAIT_BYTES, size(buffer)));
        }
        if (oneIn(4)) {
            writer.add(pick(Act.of(Act.Kind.AWAIT_READER), Act.pause(scripts.pause())));
        }
        writer.addAll(scripts.last(leg));
        Side side = side(leg, writer, scripts.reader(oneIn(2)), buffer);
        Manner manner = leg.isTls() && oneIn(4) ? Manner.values()[1 + random.nextInt(6)] : Manner.GOOD;
        return new Side(
                leg,
                side.truncation(),
                manner,
                oneIn(3) ? 0 : 1 + random.nextInt(pick(50, 400, 1200)),
                side.script(),
                side.record());
    }

    // ---- what both are made of

    private Side side(Leg leg, List<Act> writer, List<Act> reader, int buffer) {
        boolean isTiny = buffer < TINY;
        int engineBuffer = isTiny ? 1 + random.nextInt(TINY) : pick(5000, 8192, 40_000, 300_000);
        int ownBuffer = isTiny && oneIn(2) ? 4096 : buffer;
        int enginesOwn = isTiny && ownBuffer == buffer && oneIn(3) ? 40_000 : engineBuffer;
        PeerPlan script = new PeerPlan(writer, reader, ownBuffer, enginesOwn);
        int record = script.bytes() < 3000 ? pick(0, 1, 9, 300) : pick(0, 0, 300, 5000, 16_384);
        return new Side(leg, oneIn(3) ? Truncation.END : Truncation.RESET, Manner.GOOD, 0, script, record);
    }

    private Leg leg() {
        return pick(Leg.PLAIN, Leg.TLS_1_2, Leg.TLS_1_3, Leg.TLS_1_3);
    }

    private ProxyVersion told() {
        return oneIn(3) ? pick(ProxyVersion.V1, ProxyVersion.V2) : null;
    }

    private int buffer() {
        return oneIn(4) ? 1 + random.nextInt(TINY) : pick(2000, 4096, 16_384, 65_536, 1 << 20);
    }

    private long size(int buffer) {
        int most = buffer < TINY ? 300 : pick(200, 5000, 20_000, 100_000, oneIn(4) ? 700_000 : 50_000);
        return oneIn(10) ? 0 : random.nextInt(most);
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
