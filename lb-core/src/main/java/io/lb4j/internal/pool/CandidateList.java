package io.lb4j.internal.pool;

import io.lb4j.internal.util.Indexes;
import io.lb4j.internal.util.ListVersions;
import io.lb4j.internal.util.WeightLine;
import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Those of one tier that can be chosen, full or not: an immutable list, and beside it, who of them is full. */
final class CandidateList implements Candidates {
    /*
     * Who is full changes with every connection to one that is near its limit, so it is not part of a snapshot. A pick
     * finds it ready made: no list is built, and nobody is asked, for a pick. Invariants:
     *
     * 1. PooledBackend.reserve() alone decides who gets a connection. `room` lags behind it by the few lines between a
     *    counter's step and the refresh that follows; a pick that meets one who is full all the same refreshes too.
     * 2. Whoever moves a counter to its limit or away from it refreshes. After it has written what it saw it looks
     *    again, so of several the last one that writes leaves the truth.
     * 3. Whoever publishes a list refreshes all of it afterwards: who crossed his limit before has told the old list.
     * 4. Who is noted as full gets no connections, so nothing of his own would ever correct that. What could not be
     *    written down is therefore remembered as `outdated`, which takes no memory.
     */

    /** Who is full, and the list without them. */
    private record Room(Indexes full, Candidates open) {}

    private final PooledBackend[] backends;
    private final WeightLine weights;
    private final boolean limited;
    private final long version = ListVersions.next();

    /** Whether somebody's crossing was {@linkplain #missed missed}: then the next pick looks at all. */
    private volatile boolean outdated;

    private final AtomicReference<Room> room = new AtomicReference<>(new Room(Indexes.NONE, this));

    /**
     * @param weights of each, in percent, 1 or more
     * @param reduced whether any of them may have less than its share
     * @param limited whether any of them may have a limit of connections
     */
    CandidateList(PooledBackend[] backends, int[] weights, boolean reduced, boolean limited) {
        this.backends = backends;
        this.limited = limited;
        // In percent while somebody has less than 100.
        int unit = reduced ? 1 : WarmUp.FULL;
        this.weights = new WeightLine(backends.length, i -> weights[i] / unit);
    }

    @Override
    public int size() {
        return backends.length;
    }

    @Override
    public PooledBackend get(int index) {
        return backends[Objects.checkIndex(index, backends.length)];
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public int weight(int index) {
        return weights.weight(index);
    }

    @Override
    public long totalWeight() {
        return weights.total();
    }

    @Override
    public long weightBefore(int index) {
        return weights.before(index);
    }

    @Override
    public int indexAt(long point) {
        return weights.indexAt(point);
    }

    @Override
    public boolean haveEqualWeights() {
        return weights.isEven();
    }

    boolean contains(PooledBackend backend) {
        return backend.indexIn(backends) >= 0;
    }

    /** The one of {@code candidates}, which are this list or a rest of it, that a selector chose; null if it is none. */
    @Nullable
    PooledBackend found(@Nullable Candidate choice, Candidates candidates) {
        if (!(choice instanceof PooledBackend backend)) {
            return null;
        }
        int index = backend.indexIn(backends);
        return index < 0 || candidates.isMissing(index) ? null : backend;
    }

    // ---- who is full

    /** Those who have room for a connection for which these failed; maybe nobody. */
    Candidates open(List<Route> failed) {
        if (outdated) {
            outdated = false;
            refreshAll();
        }
        Candidates open = room().open;
        return failed.isEmpty() ? open : open.without(indexes(failed));
    }

    /** How many connections they could take now but for these, counted up to {@code most}. */
    int room(List<Route> failed, int most) {
        Candidates open = open(failed);
        int room = 0;
        for (int i = 0; i < open.size() && room < most; i++) {
            room += Math.min(most - room, ((PooledBackend) open.get(i)).room());
        }
        return room;
    }

    /** Whether somebody is left for a connection for which these failed, full or not. */
    boolean hasOthersThan(List<Route> failed) {
        return failed.isEmpty() ? size() > 0 : indexes(failed).length < size();
    }

    private int[] indexes(List<Route> routes) {
        return routes.stream()
                .mapToInt(route -> route instanceof PooledBackend backend ? backend.indexIn(backends) : -1)
                .filter(index -> index >= 0)
                .toArray();
    }

    /** Those who may have crossed their limit unseen are looked at, after this list was published. */
    void refreshAll() {
        for (int i = 0; limited && i < backends.length; i++) {
            refresh(backends[i], i);
        }
    }

    /** This one may be full, or full no more. Returns whether it is here. */
    boolean refresh(PooledBackend backend) {
        int index = backend.indexIn(backends);
        if (index >= 0) {
            refresh(backend, index);
        }
        return index >= 0;
    }

    /** Throws nothing: whoever calls it has just taken a place or given one back, and has more to do. */
    private void refresh(PooledBackend backend, int index) {
        try {
            boolean full;
            do {
                full = backend.isFull();
                put(index, full);
            } while (full != backend.isFull());
        } catch (VirtualMachineError shortage) {
            missed();
        }
    }

    /** Somebody crossed his limit, and there was no memory to note it. */
    void missed() {
        outdated = true;
    }

    private void put(int index, boolean full) {
        Room before = room();
        while (before.full.contains(index) != full && !room.compareAndSet(before, with(before, index, full))) {
            before = room();
        }
    }

    private Room room() {
        return Objects.requireNonNull(room.get());
    }

    private Room with(Room before, int index, boolean full) {
        Indexes after = full ? before.full.with(index) : before.full.without(index);
        return new Room(after, without(after.toArray()));
    }
}
