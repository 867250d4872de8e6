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
    private volatile Table table = new Table(0, 0);

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
        int winner = winner(candidates, slot);
        if (loadBound != UNBOUNDED) {
            winner = withinBound(candidates, slot, winner);
        }
        return candidates.get(winner);
    }

    private long hash(ClientConnection connection) {
        String text = key == null ? null : key.apply(connection);
        return text == null ? Hashing.of(connection.clientAddress().getAddress()) : Hashing.of(text);
    }

    private int winner(Candidates candidates, int slot) {
        if (candidates.version() == 0) {
            return Draw.winner(candidates, slot);
        }
        Table known = table;
        if (known.version != candidates.version()) {
            known = new Table(candidates.version(), 1 << SLOT_BITS);
            table = known;
        }
        int remembered = known.winners[slot];
        if (remembered != 0) {
            return remembered - 1;
        }
        int winner = Draw.winner(candidates, slot);
        // Two loops may both come here: they find the same.
        known.winners[slot] = winner + 1;
        return winner;
    }

    /**
     * The best for this slot among those that would not have more than {@code loadBound} times their share of all
     * connections, this one included: consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, 2016).
     */
    private int withinBound(Candidates candidates, int slot, int winner) {
        long connections = 1;
        for (int i = 0; i < candidates.size(); i++) {
            connections += candidates.get(i).activeConnections();
        }
        double perWeight = loadBound * connections / candidates.totalWeight();
        if (hasRoom(candidates, winner, perWeight)) {
            return winner;
        }
        Draw draw = new Draw(candidates, slot);
        int best = -1;
        for (int i = 0; i < candidates.size(); i++) {
            if (hasRoom(candidates, i, perWeight) && (best < 0 || draw.isBetter(i, best))) {
                best = i;
            }
        }
        // Somebody always has room, but connections come and go while they are counted.
        return best < 0 ? winner : best;
    }

    private static boolean hasRoom(Candidates candidates, int index, double perWeight) {
        double most = Math.ceil(perWeight * candidates.weight(index));
        return candidates.get(index).activeConnections() + 1 <= most;
    }

    @Override
    public String toString() {
        return "sticky";
    }

    /** Who won which slot, plus 1; 0 is not known yet. Of one list of candidates. */
    private static final class Table {
        final long version;
        final int[] winners;

        Table(long version, int slots) {
            this.version = version;
            this.winners = new int[slots];
        }
    }
}
