package io.lb4j.selection;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Weighted rendezvous hashing. The key's hash falls into one of 65536 slots; for each slot every candidate draws a
 * number from the hash of slot and id, and the greatest wins. So a candidate that goes takes nobody else's keys along,
 * and one that comes takes only those it wins. Who won a slot is remembered as long as the list stays the same.
 */
final class StickySelector implements BackendSelector {
    private static final int SLOT_BITS = 16;
    private static final double UNBOUNDED = Double.POSITIVE_INFINITY;

    private final @Nullable Function<? super ClientConnection, ? extends @Nullable String> key;
    private final double loadBound;
    private final RecentLists<Table> tables = new RecentLists<>(Table::new);

    /** Without a key function, the key is the client's address. */
    StickySelector(@Nullable Function<? super ClientConnection, ? extends @Nullable String> key) {
        this(key, UNBOUNDED);
    }

    StickySelector(@Nullable Function<? super ClientConnection, ? extends @Nullable String> key, double loadBound) {
        this.key = key;
        this.loadBound = loadBound;
    }

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        int slot = (int) (hash(connection) >>> (Long.SIZE - SLOT_BITS));
        Candidates whole = candidates.whole();
        Table known = tables.of(whole);
        return whole.get(
                loadBound == UNBOUNDED ? known.winner(slot, candidates) : withinBound(known, slot, candidates));
    }

    private long hash(ClientConnection connection) {
        String text = key == null ? null : key.apply(connection);
        return text == null ? Hashing.of(connection.clientAddress().getAddress()) : Hashing.of(text);
    }

    /**
     * The best for this slot among those that would not have more than {@code loadBound} times their share of all
     * connections, this one included: consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, 2016).
     */
    private int withinBound(Table known, int slot, Candidates candidates) {
        long connections = 1;
        for (int i = 0; i < candidates.size(); i++) {
            connections += candidates.get(i).activeConnections();
        }
        double perWeight = loadBound * connections / candidates.totalWeight();
        Candidates whole = candidates.whole();
        int winner = known.winner(slot, candidates);
        if (hasRoom(whole, winner, perWeight)) {
            return winner;
        }
        int next = known.draw.winner(slot, i -> !candidates.isMissing(i) && hasRoom(whole, i, perWeight));
        // Somebody always has room, but connections come and go while they are counted.
        return next < 0 ? winner : next;
    }

    private static boolean hasRoom(Candidates candidates, int index, double perWeight) {
        double most = Math.ceil(perWeight * candidates.weight(index));
        return candidates.get(index).activeConnections() + 1 <= most;
    }

    @Override
    public String toString() {
        return "sticky";
    }

    /** Who won which slot, as far as it is known, in one whole list. Threads that write the same slot find the same. */
    private static final class Table {
        private static final int PAGE_BITS = SLOT_BITS / 2;
        private static final int PAGE = 1 << PAGE_BITS;

        final Draw draw;

        /** The winners' indexes plus 1; 0 is not known yet. In pages, so that few clients need few of them. */
        private final int[] @Nullable [] winners = new int[1 << (SLOT_BITS - PAGE_BITS)][];

        Table(Candidates whole) {
            draw = new Draw(whole);
        }

        /** The index of the best who is not missing from {@code candidates}. */
        int winner(int slot, Candidates candidates) {
            int best = best(slot);
            return candidates.isMissing(best) ? draw.winner(slot, i -> !candidates.isMissing(i)) : best;
        }

        private int best(int slot) {
            int[] page = page(slot >>> PAGE_BITS);
            int remembered = page[slot % PAGE];
            if (remembered != 0) {
                return remembered - 1;
            }
            int best = draw.winner(slot, any -> true);
            page[slot % PAGE] = best + 1;
            return best;
        }

        private int[] page(int number) {
            int[] page = winners[number];
            if (page == null) {
                page = new int[PAGE];
                winners[number] = page;
            }
            return page;
        }
    }
}
