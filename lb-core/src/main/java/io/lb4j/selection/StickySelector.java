package io.lb4j.selection;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Preload;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Weighted rendezvous hashing. The key's hash falls into one of 65536 slots; for each slot every candidate draws a
 * number from the hash of slot and its own key, and the greatest wins. So a candidate that goes takes nobody else's keys along,
 * and one that comes takes only those it wins. Who won a slot is remembered as long as the list stays the same.
 */
final class StickySelector implements BackendSelector {
    static {
        Preload.classes(StickySelector.class, Draw.class, Hashing.class);
    }

    private static final int SLOT_BITS = 16;
    static final double UNBOUNDED = Double.POSITIVE_INFINITY;

    private final @Nullable Function<? super ClientConnection, ? extends @Nullable String> key;
    private final double loadBound;
    private final RecentLists<Table> tables;

    /** Without a key function, the key is the client's address. */
    StickySelector(
            @Nullable Function<? super ClientConnection, ? extends @Nullable String> key,
            Function<? super Backend, ? extends @Nullable String> hashKey,
            double loadBound) {
        this.key = key;
        this.loadBound = loadBound;
        tables = new RecentLists<>(whole -> new Table(new Draw(whole, hashKey)));
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

    /** Who won which slots in one whole list, and who came second there. */
    private static final class Table {
        final Draw draw;
        private final Slots winners = new Slots();
        private final Slots seconds = new Slots();

        Table(Draw draw) {
            this.draw = draw;
        }

        /** The index of the best who is not missing from {@code candidates}. */
        int winner(int slot, Candidates candidates) {
            int best = winners.get(slot);
            if (best == Slots.UNKNOWN) {
                best = winners.put(slot, draw.winner(slot, any -> true));
            }
            return candidates.isMissing(best) ? winnerWithout(best, slot, candidates) : best;
        }

        private int winnerWithout(int best, int slot, Candidates candidates) {
            int second = seconds.get(slot);
            if (second == Slots.UNKNOWN) {
                second = seconds.put(slot, draw.winner(slot, i -> i != best));
            }
            return candidates.isMissing(second) ? draw.winner(slot, i -> !candidates.isMissing(i)) : second;
        }
    }

    /** An index for each slot where it is known. In pages, so that few clients need few. Threads find the same. */
    private static final class Slots {
        static final int UNKNOWN = -1;

        private static final int PAGE_BITS = SLOT_BITS / 2;
        private static final int PAGE = 1 << PAGE_BITS;

        /** Plus 1; 0 is not known yet. */
        private final int[] @Nullable [] pages = new int[1 << (SLOT_BITS - PAGE_BITS)][];

        int get(int slot) {
            int[] page = pages[slot >>> PAGE_BITS];
            return page == null ? UNKNOWN : page[slot % PAGE] - 1;
        }

        int put(int slot, int index) {
            int[] page = pages[slot >>> PAGE_BITS];
            if (page == null) {
                page = new int[PAGE];
                pages[slot >>> PAGE_BITS] = page;
            }
            page[slot % PAGE] = index + 1;
            return index;
        }
    }
}
