package io.lb4j.selection;

import io.lb4j.internal.util.Preload;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Picks each candidate as often as its weight says, and spreads the picks of a heavy one as evenly as it can: 5, 1, 1
 * gives a a b a c a a. When candidates or weights change, what each one is owed goes along: a heavy backend does not
 * start over at every change. Thread-safe.
 */
final class SmoothRotation {
    static {
        Preload.classes(SmoothRotation.class, SmoothOrder.class);
    }

    /*
     * One order for each list that is in use: of several balancers, or of several tiers of one, if they share this.
     * Lists with a candidate in common follow each other: the newer one's order begins with what is owed in the older
     * one's and takes its place. Who still has the older list in his hands then gets no turn from it.
     */

    /** No index: the list is for one pick, or an older one. */
    static final int NOBODY = -1;

    /** How many lists are remembered. */
    private static final int MOST = 8;

    /** @param order null for a list that a newer one has followed */
    private record Known(long version, @Nullable SmoothOrder order) {
        int next() {
            return order == null ? NOBODY : order.next();
        }
    }

    /** How many turns of the first list are passed over. */
    private final int skip;

    /** The newest first. */
    private volatile List<Known> lists = List.of();

    SmoothRotation(int skip) {
        this.skip = skip;
    }

    /** The index of the candidate whose turn it is; {@link #NOBODY} when the list will not come again. */
    int next(Candidates candidates) {
        long wanted = candidates.version();
        if (wanted == 0) {
            return NOBODY;
        }
        Known known = find(wanted);
        return (known == null ? adopt(candidates) : known).next();
    }

    private @Nullable Known find(long version) {
        List<Known> all = lists;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).version == version) {
                return all.get(i);
            }
        }
        return null;
    }

    private synchronized Known adopt(Candidates candidates) {
        Known known = find(candidates.version());
        if (known != null) {
            return known; // adopted while this thread waited
        }
        IdentityHashMap<Candidate, Integer> indexes = indexes(candidates);
        double[] owed = new double[candidates.size()];
        List<Known> next = new ArrayList<>();
        boolean isLate = false;
        for (Known other : lists) {
            if (other.order == null || !haveSomebodyOf(other.order, indexes)) {
                next.add(other);
            } else if (other.version < candidates.version()) {
                carry(other.order, indexes, owed);
            } else {
                next.add(other);
                isLate = true;
            }
        }
        Known adopted = new Known(candidates.version(), isLate ? null : order(candidates, owed));
        for (int i = lists.isEmpty() ? skip : 0; i > 0; i--) {
            adopted.next();
        }
        next.add(0, adopted);
        lists = List.copyOf(next.subList(0, Math.min(next.size(), MOST)));
        return adopted;
    }

    private static IdentityHashMap<Candidate, Integer> indexes(Candidates candidates) {
        IdentityHashMap<Candidate, Integer> indexes = new IdentityHashMap<>(candidates.size());
        for (int i = 0; i < candidates.size(); i++) {
            indexes.put(candidates.get(i), i);
        }
        return indexes;
    }

    private static boolean haveSomebodyOf(SmoothOrder order, IdentityHashMap<Candidate, Integer> indexes) {
        for (Candidate member : order.members) {
            if (indexes.containsKey(member)) {
                return true;
            }
        }
        return false;
    }

    private static void carry(SmoothOrder from, IdentityHashMap<Candidate, Integer> indexes, double[] owed) {
        double[] owedBefore = from.owed();
        for (int i = 0; i < owedBefore.length; i++) {
            Integer index = indexes.get(from.members[i]);
            if (index != null) {
                owed[index] = owedBefore[i];
            }
        }
    }

    private static SmoothOrder order(Candidates candidates, double[] owed) {
        Candidate[] members = new Candidate[candidates.size()];
        long[] weights = new long[members.length];
        for (int i = 0; i < members.length; i++) {
            members[i] = candidates.get(i);
            weights[i] = candidates.weight(i);
        }
        return new SmoothOrder(candidates.version(), members, weights, owed);
    }
}
