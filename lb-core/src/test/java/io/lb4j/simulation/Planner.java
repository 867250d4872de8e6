package io.lb4j.simulation;

import io.lb4j.simulation.Plan.BackendPlan;
import io.lb4j.simulation.Plan.Chances;
import io.lb4j.simulation.Plan.Dial;
import io.lb4j.simulation.Plan.Incident;
import io.lb4j.simulation.Plan.Place;
import io.lb4j.simulation.Plan.RouterManners;
import io.lb4j.simulation.Plan.Settings;
import io.lb4j.simulation.Plan.TalkPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Makes a plan out of a seed. */
final class Planner {
    private static final int MOST_TALKS = 40;
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    private final SplittableRandom random;
    private final long seed;
    private final Settings settings;

    private Planner(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed * 31 + 17);
        settings = settings();
    }

    static Plan plan(long seed) {
        return new Planner(seed).plan();
    }

    private Plan plan() {
        int count = 1 + random.nextInt(oneIn(2) ? 8 : MOST_TALKS);
        long spread = pick(0L, 0L, 5 * MILLISECOND, 200 * MILLISECOND, 5000 * MILLISECOND);
        boolean calm = oneIn(4);
        List<TalkPlan> talks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            talks.add(talk(spread == 0 ? 0 : random.nextLong(spread), calm));
        }
        return new Plan(
                seed, settings, chances(calm), Bandwidths.of(seed), talks, calm ? List.of() : incidents(spread));
    }

    private Settings settings() {
        return new Settings(
                1 + random.nextInt(3),
                oneIn(2),
                oneIn(3) ? 1 + random.nextInt(6) : 0,
                1 + random.nextInt(4),
                millis(pick(50, 1000, 5000)),
                millis(pick(500, 5000, 60_000, 3_600_000)),
                millis(pick(200, 10_000, 300_000)),
                millis(pick(300, 10_000, 300_000)),
                pick(0L, 1_000_000_000_000L, Long.MAX_VALUE - 1000 * MILLISECOND, -MILLISECOND, random.nextLong()));
    }

    private Chances chances(boolean calm) {
        return calm || oneIn(3)
                ? Chances.NONE
                : new Chances(
                        pick(0, 3, 20),
                        pick(0, 0, 5, 50),
                        pick(0, 20),
                        pick(0, 10),
                        pick(0, 50),
                        pick(0, 0, 20),
                        pick(0, 0, 1, 3),
                        pick(4096, 4096, 1, 5));
    }

    private List<Incident> incidents(long spread) {
        List<Incident> incidents = new ArrayList<>();
        long about = Math.max(spread, 20 * MILLISECOND);
        if (oneIn(4)) {
            long at = random.nextLong(about);
            incidents.add(new Incident(at, Incident.Kind.FEW_DESCRIPTORS, random.nextInt(8)));
            incidents.add(new Incident(at + random.nextLong(3 * about), Incident.Kind.ENOUGH_DESCRIPTORS, 0));
        }
        if (oneIn(6)) {
            incidents.add(
                    new Incident(random.nextLong(about), Incident.Kind.SLEEP, random.nextLong(5000) * MILLISECOND));
        }
        if (oneIn(4)) {
            long grace = pick(0L, MILLISECOND, 100 * MILLISECOND, 30_000 * MILLISECOND);
            incidents.add(new Incident(random.nextLong(2 * about), Incident.Kind.DRAIN, grace));
        }
        if (oneIn(6)) {
            incidents.add(new Incident(random.nextLong(2 * about), Incident.Kind.CLOSE, 0));
        }
        return incidents;
    }

    // ---- one connection

    private TalkPlan talk(long begin, boolean calm) {
        List<BackendPlan> backends = new ArrayList<>();
        int count = calm ? 1 : 1 + random.nextInt(4);
        boolean alike = oneIn(6);
        for (int i = 0; i < count; i++) {
            backends.add(alike && i > 0 ? backends.get(0) : backend(calm));
        }
        RouterManners manners = calm || !oneIn(20) ? RouterManners.GOOD : manners();
        return new TalkPlan(begin, peer(calm, true), backends, manners, !calm && oneIn(20));
    }

    private RouterManners manners() {
        return oneIn(6)
                ? pick(RouterManners.CLOSES_PROXY, RouterManners.DRAINS_PROXY)
                : pick(RouterManners.SLOW, RouterManners.THROWS, RouterManners.REFUSES);
    }

    private BackendPlan backend(boolean calm) {
        Dial dial = calm || !oneIn(3)
                ? Dial.ACCEPTS
                : pick(Dial.REFUSES, Dial.REFUSES, Dial.SILENT, Dial.NO_PORT, Dial.NO_ROUTE, Dial.ITSELF);
        long connect = settings.connectTimeout().toNanos();
        long delay =
                calm ? 0 : pick(0L, 0L, 0L, 100_000L, 3 * MILLISECOND, connect - 1000, connect + 1000, 2 * connect);
        Place place = pick(Place.HERE, Place.THERE, Place.THERE, Place.THERE_IPV6);
        return new BackendPlan(dial, delay, place, peer(calm, false));
    }

    private PeerPlan peer(boolean calm, boolean client) {
        int buffer = oneIn(20) ? 100 + random.nextInt(2000) : pick(4096, 16_384, 65_536, 1 << 20);
        int engineBuffer = pick(5000, 8192, 40_000, 300_000);
        return new PeerPlan(writer(calm, client), reader(calm), buffer, engineBuffer);
    }

    private List<Act> writer(boolean calm, boolean client) {
        List<Act> acts = new ArrayList<>();
        if (!client && oneIn(3)) {
            acts.add(new Act(Act.Kind.AWAIT_BYTES, size()));
        }
        int parts = random.nextInt(4);
        for (int i = 0; i < parts; i++) {
            acts.add(Act.send(size()));
            if (oneIn(3)) {
                acts.add(Act.pause(pause(calm)));
            }
        }
        if (oneIn(3)) {
            acts.add(Act.of(Act.Kind.AWAIT_READER));
        } else if (oneIn(8)) {
            acts.add(new Act(Act.Kind.AWAIT_BYTES, size()));
        }
        if (calm || oneIn(2)) {
            if (!acts.contains(Act.of(Act.Kind.AWAIT_READER)) || oneIn(2)) {
                acts.remove(Act.of(Act.Kind.AWAIT_READER));
                acts.add(Act.of(Act.Kind.FIN));
            }
        } else {
            acts.addAll(last());
        }
        return acts;
    }

    private List<Act> last() {
        return switch (random.nextInt(6)) {
            case 0 -> List.of(Act.of(Act.Kind.RESET));
            case 1 -> List.of(Act.of(Act.Kind.CLOSE));
            case 2 -> List.of(Act.of(Act.Kind.FIN), Act.pause(pause(false)), Act.of(Act.Kind.RESET));
            case 3 -> List.of(Act.of(Act.Kind.FIN), Act.of(Act.Kind.HOLD));
            case 4 -> List.of(Act.of(Act.Kind.HOLD));
            default -> List.of();
        };
    }

    private List<Act> reader(boolean calm) {
        if (calm || !oneIn(3)) {
            return List.of(Act.of(Act.Kind.READ_TO_END));
        }
        List<Act> acts = new ArrayList<>();
        int parts = random.nextInt(3);
        for (int i = 0; i < parts; i++) {
            acts.add(Act.pause(pause(false)));
            acts.add(Act.read(size()));
        }
        if (oneIn(3)) {
            acts.add(Act.pause(pause(false)));
        }
        acts.add(Act.of(pick(Act.Kind.READ_TO_END, Act.Kind.READ_TO_END, Act.Kind.HOLD)));
        if (oneIn(5)) {
            acts.remove(acts.size() - 1);
        }
        return acts;
    }

    private long size() {
        return switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1, 2, 3, 4 -> random.nextInt(200);
            case 5, 6, 7, 8 -> random.nextInt(20_000);
            default -> random.nextInt(pick(60_000, 60_000, 200_000, oneIn(10) ? 2_000_000 : 400_000));
        };
    }

    /** Mostly short; sometimes about as long as one of the timeouts. */
    private Duration pause(boolean calm) {
        if (calm || !oneIn(5)) {
            return Duration.ofNanos(random.nextLong(pick(10_000L, MILLISECOND, 20 * MILLISECOND)));
        }
        Duration about = pick(settings.idleTimeout(), settings.halfClosedTimeout(), settings.stallTimeout());
        return about.multipliedBy(random.nextInt(5, 16)).dividedBy(10);
    }

    // ---- chance

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static Duration millis(int millis) {
        return Duration.ofMillis(millis);
    }
}
