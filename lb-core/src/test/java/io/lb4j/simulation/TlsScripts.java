package io.lb4j.simulation;

import io.lb4j.simulation.TlsPlan.Leg;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Makes the parts of the scripts of a {@link TlsPlan}. */
final class TlsScripts {
    /** More than a hundred in one second, whenever seconds begin. */
    private static final int MANY = 300;

    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    private final SplittableRandom random;

    TlsScripts(SplittableRandom random) {
        this.random = random;
    }

    Act end() {
        return Act.of(oneIn(4) ? Act.Kind.NOTIFY : Act.Kind.FIN);
    }

    /** So many bytes in all. */
    List<Act> speech(Leg leg, long bytes) {
        List<Act> acts = new ArrayList<>();
        long left = bytes;
        while (left > 0) {
            long part = oneIn(2) ? left : 1 + random.nextLong(left);
            acts.add(Act.send(part));
            left -= part;
            if (leg.isTls() && oneIn(4)) {
                acts.add(new Act(Act.Kind.EMPTY, 1 + random.nextInt(3)));
            }
            if (leg == Leg.TLS_1_3 && oneIn(4)) {
                acts.add(new Act(Act.Kind.KEY_UPDATE, random.nextInt(2)));
            }
            if (oneIn(4)) {
                acts.add(Act.pause(pause()));
            }
        }
        return acts;
    }

    List<Act> reader(boolean toTheEnd) {
        List<Act> acts = new ArrayList<>();
        if (oneIn(3)) {
            int parts = random.nextInt(4);
            for (int i = 0; i < parts; i++) {
                acts.add(Act.pause(pause()));
                acts.add(Act.read(random.nextInt(20_000)));
            }
        }
        if (toTheEnd || !oneIn(4)) {
            acts.add(Act.of(Act.Kind.READ_TO_END));
        } else if (oneIn(2)) {
            acts.add(Act.of(Act.Kind.HOLD));
        }
        return acts;
    }

    /** Any end. */
    List<Act> last(Leg leg) {
        Act hold = Act.of(Act.Kind.HOLD);
        return switch (random.nextInt(leg.isTls() ? 14 : 6)) {
            case 0 -> List.of(Act.of(Act.Kind.RESET));
            case 1 -> List.of(Act.of(Act.Kind.CLOSE));
            case 2 -> List.of(end(), Act.pause(pause()), Act.of(Act.Kind.RESET));
            case 3 -> List.of(end(), hold);
            case 4, 5 -> List.of(end());
            case 6, 7 -> List.of(Act.of(Act.Kind.BARE_FIN));
            case 8 -> List.of(Act.of(Act.Kind.CUT_RECORD));
            case 9 -> List.of(Act.of(Act.Kind.BROKEN), hold);
            case 10 -> List.of(Act.of(Act.Kind.GARBAGE), hold);
            case 11 ->
                leg == Leg.TLS_1_2
                        ? List.of(Act.of(Act.Kind.RENEGOTIATE), hold)
                        : List.of(new Act(Act.Kind.KEY_UPDATE, 1), end());
            case 12 -> List.of(new Act(Act.Kind.EMPTY, MANY), hold);
            default -> List.of(end(), Act.pause(pause()), Act.of(Act.Kind.CLOSE));
        };
    }

    Duration pause() {
        return Duration.ofNanos(random.nextLong(pick(10_000L, MILLISECOND, 20 * MILLISECOND, 500 * MILLISECOND)));
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
