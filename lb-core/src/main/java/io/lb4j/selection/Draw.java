package io.lb4j.selection;

/**
 * What the candidates draw for one slot: rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 6(1), 1998). With
 * weights, a number u of 0..1 counts as weight / -ln(u), which makes everybody win in proportion to its weight
 * (Schindelhauer and Schomaker, SPAA 2005). With equal weights the greatest u wins, which is the same.
 */
final class Draw {
    private final Candidates candidates;
    private final long slotHash;
    private final boolean equalWeights;

    Draw(Candidates candidates, int slot) {
        this.candidates = candidates;
        slotHash = Hashing.mix(slot + 1L);
        equalWeights = haveEqualWeights(candidates);
    }

    static int winner(Candidates candidates, int slot) {
        Draw draw = new Draw(candidates, slot);
        int best = 0;
        for (int i = 1; i < candidates.size(); i++) {
            if (draw.isBetter(i, best)) {
                best = i;
            }
        }
        return best;
    }

    boolean isBetter(int index, int other) {
        if (equalWeights) {
            return number(index) > number(other);
        }
        return score(index) > score(other);
    }

    /** 53 random bits. */
    private long number(int index) {
        long idHash = Hashing.of(candidates.get(index).backend().id());
        return Hashing.mix(idHash ^ slotHash) >>> 11;
    }

    private double score(int index) {
        double u = (number(index) + 0.5) * 0x1.0p-53;
        // StrictMath: Math may differ in the last digit from machine to machine, and with it the winner.
        return candidates.weight(index) / -StrictMath.log(u);
    }

    private static boolean haveEqualWeights(Candidates candidates) {
        int weight = candidates.weight(0);
        return candidates.totalWeight() == (long) weight * candidates.size() && allWeigh(candidates, weight);
    }

    private static boolean allWeigh(Candidates candidates, int weight) {
        for (int i = 1; i < candidates.size(); i++) {
            if (candidates.weight(i) != weight) {
                return false;
            }
        }
        return true;
    }
}
