package io.lb4j.internal.pool;

import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who exists, with what status and why, and who can be chosen: everything a connection needs to know of the pool, in
 * one immutable object.
 */
final class PoolSnapshot {
    private final List<Member> members;

    /** Where each is in that list: of a thousand backends, each is looked up after each of its checks. */
    private final Map<CheckedBackend, Integer> indexes;

    private final boolean tryAll;

    /** Who can be chosen, full or not, by priority: at least one list, and only the first can be empty. */
    private final NavigableMap<Integer, CandidateList> tiers;

    /** The first of them. */
    private final CandidateList candidates;

    private final boolean warmingUp;
    private final long nextStep;

    private PoolSnapshot(List<Member> members, boolean tryAll) {
        this.members = members;
        indexes = indexes(members);
        this.tryAll = tryAll;
        tiers = tiers(eligible(members, tryAll));
        candidates = tiers.firstEntry().getValue();
        warmingUp = members.stream().anyMatch(Member::isWarmingUp);
        nextStep = warmingUp ? firstStep(members) : 0;
    }

    /** The same candidates, and members of whom something else is known. */
    private PoolSnapshot(PoolSnapshot before, List<Member> members) {
        this.members = members;
        indexes = before.indexes;
        tryAll = before.tryAll;
        tiers = before.tiers;
        candidates = before.candidates;
        warmingUp = before.warmingUp;
        nextStep = before.nextStep;
    }

    /** @param tryAll whether all are offered that an operator did not take out, when nobody is UP */
    static PoolSnapshot of(List<Member> members, boolean tryAll) {
        return new PoolSnapshot(List.copyOf(members), tryAll);
    }

    private static Map<CheckedBackend, Integer> indexes(List<Member> members) {
        Map<CheckedBackend, Integer> indexes = new HashMap<>(2 * members.size());
        for (int i = 0; i < members.size(); i++) {
            indexes.put(members.get(i).place(), i);
        }
        return indexes;
    }

    private static List<Member> eligible(List<Member> members, boolean tryAll) {
        List<Member> healthy = members.stream().filter(Member::isEligible).toList();
        return healthy.isEmpty() && tryAll
                ? members.stream().filter(Member::isWorthATry).toList()
                : healthy;
    }

    private static NavigableMap<Integer, CandidateList> tiers(List<Member> eligible) {
        NavigableMap<Integer, List<Member>> byPriority = new TreeMap<>();
        for (Member member : eligible) {
            byPriority
                    .computeIfAbsent(member.backend().priority(), any -> new ArrayList<>())
                    .add(member);
        }
        NavigableMap<Integer, CandidateList> tiers = new TreeMap<>();
        byPriority.forEach((priority, members) -> tiers.put(priority, new CandidateList(members)));
        if (tiers.isEmpty()) {
            tiers.put(0, new CandidateList(List.of()));
        }
        return tiers;
    }

    private static long firstStep(List<Member> members) {
        Long first = null;
        for (Member member : members) {
            WarmUp way = member.warmUp();
            if (way != null) {
                long step = way.stepAfter(member.warmUpPercent());
                first = first == null || step - first < 0 ? Long.valueOf(step) : first;
            }
        }
        return first == null ? 0 : first;
    }

    List<Member> members() {
        return members;
    }

    /** The first tier of those who can be chosen, full or not. */
    CandidateList candidates() {
        return candidates;
    }

    /** Who can be chosen by a connection for which these failed: nobody who is full, and all of one tier. */
    Candidates candidates(List<Route> failed) {
        Candidates first = candidates.open(failed);
        return first.size() > 0 || tiers.size() == 1 ? first : nextTier(failed);
    }

    private Candidates nextTier(List<Route> failed) {
        for (CandidateList tier : tiers.values()) {
            Candidates open = tier.open(failed);
            if (open.size() > 0) {
                return open;
            }
        }
        return candidates.open(failed);
    }

    /** After this was published in the place of another one: whoever crossed his limit before has told that one. */
    void refreshAll(PoolSnapshot before) {
        if (tiers != before.tiers) {
            tiers.values().forEach(CandidateList::refreshAll);
        }
    }

    /** This one has come to its limit, or has room again. */
    void refresh(PooledBackend backend) {
        CandidateList tier = tiers.get(backend.backend().priority());
        if (tier != null) {
            tier.refresh(backend);
        }
    }

    long up() {
        return members.stream().filter(Member::isUp).count();
    }

    /** Whether somebody's share has grown since this was made. */
    boolean isOutdated(LongSupplier nanoClock) {
        return warmingUp && nanoClock.getAsLong() - nextStep >= 0;
    }

    /** The snapshot at this time. */
    PoolSnapshot at(long now) {
        List<Member> then = members.stream()
                .map(member -> {
                    WarmUp way = member.warmUp();
                    return way == null ? member : member.warmingUp(way, now);
                })
                .toList();
        return new PoolSnapshot(then, tryAll);
    }

    PoolSnapshot tryingAll(boolean changed) {
        return new PoolSnapshot(members, changed);
    }

    /**
     * The snapshot after one member has changed. The list of candidates stays the same object if it does not differ:
     * that is so after nearly every check, and then this is no more than a copy of the list.
     */
    PoolSnapshot with(Member changed) {
        int index = Objects.requireNonNull(indexes.get(changed.place()));
        Member[] next = members.toArray(Member[]::new);
        boolean sameCandidates =
                changed.isOfferedLike(next[index]) && !changed.isWarmingUp() && !next[index].isWarmingUp();
        next[index] = changed;
        List<Member> all = Collections.unmodifiableList(Arrays.asList(next));
        return sameCandidates ? new PoolSnapshot(this, all) : new PoolSnapshot(all, tryAll);
    }

    @Nullable
    Member find(String id) {
        for (Member member : members) {
            if (member.backend().id().equals(id)) {
                return member;
            }
        }
        return null;
    }

    @Nullable
    Member find(CheckedBackend place) {
        Integer index = indexes.get(place);
        return index == null ? null : members.get(index);
    }
}
