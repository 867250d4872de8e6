package io.lb4j.selection;

import io.lb4j.backend.Backend;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the candidates of one list draw for a slot: rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 6(1),
 * 1998). With weights, a number u of 0..1 counts as weight / -ln(u), which makes everybody win in proportion to its
 * weight (Schindelhauer and Schomaker, SPAA 2005). With equal weights the greatest u wins, which is the same. Immutable.
 */
final class Draw {
    /** Says who takes part. */
    @FunctionalInterface
    interface Condition {
        boolean holds(int index);
    }

    private final long[] keyHashes;

    /** None when all are the same. */
    private final int[] weights;

    /** @param hashKey what a backend draws by; null stands for its id */
    Draw(Candidates candidates, Function<? super Backend, ? extends @Nullable String> hashKey) {
        keyHashes = new long[candidates.size()];
        for (int i = 0; i < keyHashes.length; i++) {
            Backend backend = candidates.get(i).backend();
            String key = hashKey.apply(backend);
            keyHashes[i] = Hashing.of(key == null ? backend.id() : key);
        }
        int[] each =
                IntStream.range(0, keyHashes.length).map(candidates::weight).toArray();
        weights = Arrays.stream(each).allMatch(weight -> weight == each[0]) ? new int[0] : each;
    }

    /** The index of the best for this slot of those that take part; -1 when nobody does. */
    int winner(int slot, Condition takesPart) {
        long slotHash = Hashing.mix(slot + 1L);
        int best = -1;
        double bestScore = 0;
        for (int i = 0; i < keyHashes.length; i++) {
            if (takesPart.holds(i)) {
                double score = score(i, slotHash);
                if (best < 0 || score > bestScore) {
                    best = i;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    /** Of 53 random bits, which a double holds exactly. */
    private double score(int index, long slotHash) {
        long number = Hashing.mix(keyHashes[index] ^ slotHash) >>> 11;
        if (weights.length == 0) {
            return number;
        }
        double u = (number + 0.5) * 0x1.0p-53;
        // StrictMath: Math may differ in the last digit from machine to machine, and with it the winner.
        return weights[index] / -StrictMath.log(u);
    }
}
