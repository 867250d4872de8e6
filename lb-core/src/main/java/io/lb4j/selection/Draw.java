package io.lb4j.selection;

import java.util.Arrays;
import java.util.stream.IntStream;

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

    private final long[] idHashes;

    /** None when all are the same. */
    private final int[] weights;

    Draw(Candidates candidates) {
        idHashes = new long[candidates.size()];
        for (int i = 0; i < idHashes.length; i++) {
            idHashes[i] = Hashing.of(candidates.get(i).backend().id());
        }
        int[] each = IntStream.range(0, idHashes.length).map(candidates::weight).toArray();
        weights = Arrays.stream(each).allMatch(weight -> weight == each[0]) ? new int[0] : each;
    }

    /** The index of the best for this slot of those that take part; -1 when nobody does. */
    int winner(int slot, Condition takesPart) {
        long slotHash = Hashing.mix(slot + 1L);
        int best = -1;
        double bestScore = 0;
        for (int i = 0; i < idHashes.length; i++) {
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
        long number = Hashing.mix(idHashes[index] ^ slotHash) >>> 11;
        if (weights.length == 0) {
            return number;
        }
        double u = (number + 0.5) * 0x1.0p-53;
        // StrictMath: Math may differ in the last digit from machine to machine, and with it the winner.
        return weights[index] / -StrictMath.log(u);
    }
}
