package io.lb4j.selection;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Picks each candidate as often as its weight says, and spreads the picks of a heavy one as evenly as it can: 5, 1, 1
 * gives a a b a c a a. The order is that of nginx's smooth weighted round robin (nginx 1.3.1, 2012). Thread-safe.
 */
final class SmoothRotation {
    /*
     * At each pick everybody is owed its weight more, the one that is owed most is picked, and pays the sum of all
     * weights. That is one pass over the candidates, under a lock. But the order repeats itself after (sum of weights /
     * greatest common divisor) picks, so it is written down as it comes, and when what is owed is again what it was at
     * the beginning, the cycle is complete: from then on a pick is one step of a counter and one look into the table.
     *
     * When candidates or weights change, what each one is owed goes along, in picks: a heavy backend does not start
     * over at every change. The order then may take a while to become periodic; until it is, it is not looked up.
     */
    private static final int LONGEST_CYCLE = 1 << 20;

    /** No index: the list is for one pick, or an older one. */
    static final int NOBODY = -1;

    /** What counts as a candidate's weight. */
    @FunctionalInterface
    interface Weigher {
        int weight(Candidates candidates, int index);
    }

    private final Weigher weigher;
    private volatile @Nullable Cycle cycle;

    // Guarded by this.
    private long version;
    private Candidate[] members = {};
    private long[] weights = {};
    private long[] owed = {};
    private long total;
    private long[] owedAtBegin = {};
    private char[] order = {};
    private int length;
    private int written;

    SmoothRotation(Weigher weigher) {
        this.weigher = weigher;
    }

    /** The index of the candidate whose turn it is; {@link #NOBODY} when the list will not come again. */
    int next(Candidates candidates) {
        long wanted = candidates.version();
        Cycle known = cycle;
        if (known != null && known.version == wanted) {
            return known.next();
        }
        return wanted == 0 ? NOBODY : step(candidates, wanted);
    }

    private synchronized int step(Candidates candidates, long wanted) {
        Cycle known = cycle;
        if (wanted < version) {
            return NOBODY; // another loop is late
        }
        if (wanted > version) {
            adopt(candidates, known);
            version = wanted;
        } else if (known != null) {
            return known.next(); // completed while this thread waited
        }
        int best = 0;
        for (int i = 0; i < owed.length; i++) {
            owed[i] += weights[i];
            if (owed[i] > owed[best]) {
                best = i;
            }
        }
        owed[best] -= total;
        write(best);
        return best;
    }

    private void write(int pick) {
        if (length == 0) {
            return;
        }
        if (written == order.length) {
            order = Arrays.copyOf(order, Math.min(length, 2 * written + 16));
        }
        order[written++] = (char) pick;
        if (written == length) {
            written = 0;
            if (Arrays.equals(owed, owedAtBegin)) {
                cycle = new Cycle(version, order);
            } else {
                owedAtBegin = owed.clone();
            }
        }
    }

    private void adopt(Candidates candidates, @Nullable Cycle known) {
        IdentityHashMap<Candidate, Long> carried = owedNow(known);
        long totalBefore = total;
        cycle = null;
        int size = candidates.size();
        members = new Candidate[size];
        weights = new long[size];
        owed = new long[size];
        total = 0;
        long divisor = 0;
        for (int i = 0; i < size; i++) {
            members[i] = candidates.get(i);
            weights[i] = weigher.weight(candidates, i);
            total += weights[i];
            divisor = greatestCommonDivisor(weights[i], divisor);
        }
        carryOver(carried, totalBefore);
        owedAtBegin = owed.clone();
        order = new char[0];
        written = 0;
        long period = total / divisor;
        length = period <= LONGEST_CYCLE && size <= Character.MAX_VALUE ? (int) period : 0;
    }

    /** What each member is owed; where the table was used, that follows from how far it has been walked through. */
    private IdentityHashMap<Candidate, Long> owedNow(@Nullable Cycle known) {
        if (known != null) {
            int position = known.position();
            for (int i = 0; i < owed.length; i++) {
                owed[i] += position * weights[i];
            }
            for (int k = 0; k < position; k++) {
                owed[known.order[k]] -= total;
            }
        }
        IdentityHashMap<Candidate, Long> carried = new IdentityHashMap<>(2 * members.length);
        for (int i = 0; i < members.length; i++) {
            carried.put(members[i], owed[i]);
        }
        return carried;
    }

    /** In picks, so a debt of half a pick stays half a pick; and all debts together stay zero. */
    private void carryOver(IdentityHashMap<Candidate, Long> carried, long totalBefore) {
        if (totalBefore == 0) {
            return;
        }
        long surplus = 0;
        for (int i = 0; i < owed.length; i++) {
            Long before = carried.get(members[i]);
            owed[i] = before == null ? 0 : Math.round((double) before / totalBefore * total);
            surplus += owed[i];
        }
        long each = surplus / owed.length;
        for (int i = 0; i < owed.length; i++) {
            owed[i] -= each;
        }
        owed[0] -= surplus - each * owed.length;
    }

    private static long greatestCommonDivisor(long a, long b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** A complete order, and how far its users have come. */
    private static final class Cycle {
        final long version;
        final char[] order;
        private final AtomicInteger turn = new AtomicInteger();

        Cycle(long version, char[] order) {
            this.version = version;
            this.order = order;
        }

        int next() {
            return order[Integer.remainderUnsigned(turn.getAndIncrement(), order.length)];
        }

        int position() {
            return Integer.remainderUnsigned(turn.get(), order.length);
        }
    }
}
