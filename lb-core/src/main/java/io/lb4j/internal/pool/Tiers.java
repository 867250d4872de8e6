package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidates;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Who can be chosen, full or not, by priority: at least one list, and only the first can be empty. Immutable but for who is
 * full, as {@link CandidateList} is.
 */
final class Tiers {
    private final NavigableMap<Integer, CandidateList> lists;
    private final CandidateList first;

    private Tiers(NavigableMap<Integer, CandidateList> lists) {
        this.lists = lists;
        first = lists.firstEntry().getValue();
    }

    /** The tiers of members that are offered like this: of those in charge, or of all where that is null. */
    static Tiers of(Members members, long[] offered, @Nullable Charge onlyThese) {
        IntStream.Builder[] byPriority = new IntStream.Builder[Backend.MAX_PRIORITY + 1];
        for (int i = 0; i < offered.length; i++) {
            if (Member.isOffer(offered[i]) && (onlyThese == null || onlyThese.isWith(members.place(i), offered[i]))) {
                int priority = Member.priority(offered[i]);
                byPriority[priority] = byPriority[priority] == null ? IntStream.builder() : byPriority[priority];
                byPriority[priority].add(i);
            }
        }
        NavigableMap<Integer, CandidateList> lists = new TreeMap<>();
        for (int i = 0; i < byPriority.length; i++) {
            if (byPriority[i] != null) {
                lists.put(i, members.candidates(byPriority[i].build().toArray(), offered));
            }
        }
        return new Tiers(lists.isEmpty() ? new TreeMap<>(Map.of(0, members.candidates(new int[0], offered))) : lists);
    }

    /** The first of them. */
    CandidateList first() {
        return first;
    }

    /** Who can be chosen by a connection for which these failed: nobody who is full, and all of one tier. */
    Candidates candidates(List<Route> failed) {
        Candidates open = first.open(failed);
        return open.size() > 0 || lists.size() == 1 ? open : next(failed);
    }

    private Candidates next(List<Route> failed) {
        for (CandidateList tier : lists.values()) {
            Candidates open = tier.open(failed);
            if (open.size() > 0) {
                return open;
            }
        }
        return first.open(failed);
    }

    /** How many connections those could take now who are not among these, counted up to {@code most}. */
    int room(List<Route> failed, int most) {
        int room = 0;
        for (CandidateList tier : lists.values()) {
            room += room < most ? tier.room(failed, most - room) : 0;
        }
        return room;
    }

    /** Whether somebody can be chosen for a connection for which these failed, full or not. */
    boolean hasOthersThan(List<Route> failed) {
        for (CandidateList tier : lists.values()) {
            if (tier.hasOthersThan(failed)) {
                return true;
            }
        }
        return false;
    }

    /** After they were published in the place of others: whoever crossed his limit before has told those. */
    void refreshAll() {
        lists.values().forEach(CandidateList::refreshAll);
    }

    /** This one has come to its limit, or has room again. */
    void refresh(PooledBackend backend) {
        CandidateList tier = lists.get(backend.backend().priority());
        if (tier == null || !tier.refresh(backend)) {
            // It is on its way to another tier, or is in none.
            for (CandidateList other : lists.values()) {
                other.refresh(backend);
            }
        }
    }
}
