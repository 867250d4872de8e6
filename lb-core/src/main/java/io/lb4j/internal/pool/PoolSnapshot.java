package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.health.NoneHealthy;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidates;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Who exists, with what status and why, and who can be chosen: everything a connection needs to know of the pool, in
 * one immutable object. When one member changes, the next is made of copies of arrays, without a look at the others:
 * there may be ten thousand, and they may all go down one after the other.
 */
final class PoolSnapshot {
    /** A step of backends that warm up is a pass over all: there is one in so many nanoseconds for each, at most. */
    private static final long NANOS_FOR_A_STEP = 1_000;

    private final Member[] members;
    private final PooledBackend[] places;

    /** What each member {@linkplain Member#offer is offered} with if it is eligible. */
    private final long[] offers;

    private final Census census;
    private final OfferRules rules;

    /** Who has taken over, where who has stays; null where that is not so, or nobody could be chosen so far. */
    private final @Nullable Charge charge;

    /** Who can be chosen, full or not, by priority: at least one list, and only the first can be empty. */
    private final NavigableMap<Integer, CandidateList> tiers;

    /** The first of them. */
    private final CandidateList candidates;

    private final long nextStep;

    private PoolSnapshot(
            Member[] members,
            PooledBackend[] places,
            long[] offers,
            Census census,
            OfferRules rules,
            @Nullable Charge before) {
        this.members = members;
        this.places = places;
        this.offers = offers;
        this.census = census;
        this.rules = rules;
        long[] offered = offered();
        charge = rules.isStaying() ? charge(offered, before) : null;
        tiers = tiers(offered, charge);
        candidates = tiers.firstEntry().getValue();
        nextStep = census.warmingUp() == 0 ? 0 : firstStep(members);
    }

    /** The same candidates, and members of whom something else is known. */
    private PoolSnapshot(PoolSnapshot before, Member[] members, Census census, long nextStep) {
        this(before, members, before.places, before.offers, census, nextStep);
    }

    /** The same candidates, and maybe fewer members. */
    private PoolSnapshot(
            PoolSnapshot before,
            Member[] members,
            PooledBackend[] places,
            long[] offers,
            Census census,
            long nextStep) {
        this.members = members;
        this.places = places;
        this.offers = offers;
        this.census = census;
        this.nextStep = nextStep;
        rules = before.rules;
        charge = before.charge;
        tiers = before.tiers;
        candidates = before.candidates;
    }

    /** A snapshot without any before it. */
    static PoolSnapshot of(OfferRules rules) {
        return new PoolSnapshot(new Member[0], new PooledBackend[0], new long[0], Census.of(), rules, null);
    }

    /** Other members. */
    PoolSnapshot replaced(Collection<Member> members) {
        Member[] all = members.toArray(Member[]::new);
        PooledBackend[] places = Arrays.stream(all).map(Member::place).toArray(PooledBackend[]::new);
        return new PoolSnapshot(all, places, offers(all), Census.of(all), rules, charge);
    }

    private static long[] offers(Member[] members) {
        return Arrays.stream(members)
                .mapToLong(member -> member.offer(Offered.ELIGIBLE))
                .toArray();
    }

    private long[] offered() {
        Offered choice = rules.offered(census);
        return choice == Offered.ELIGIBLE
                ? offers
                : Arrays.stream(members)
                        .mapToLong(member -> member.offer(choice))
                        .toArray();
    }

    /** Who was in charge before, as long as that one is offered; else the first, and while nobody is, who was. */
    private @Nullable Charge charge(long[] offered, @Nullable Charge before) {
        int first = -1;
        for (int i = 0; i < offered.length; i++) {
            if (Member.isOffer(offered[i])) {
                if (before != null && before.isWith(places[i], offered[i])) {
                    return before.isOrdered() == rules.isOrdered() ? before : charge(offered, i);
                }
                boolean isPreferred = first < 0 || Member.priority(offered[i]) < Member.priority(offered[first]);
                first = isPreferred ? i : first;
            }
        }
        return first < 0 ? before : charge(offered, first);
    }

    private Charge charge(long[] offered, int index) {
        return new Charge(Member.priority(offered[index]), rules.isOrdered() ? places[index] : null);
    }

    private NavigableMap<Integer, CandidateList> tiers(long[] offered, @Nullable Charge onlyThese) {
        IntStream.Builder[] byPriority = new IntStream.Builder[Backend.MAX_PRIORITY + 1];
        for (int i = 0; i < offered.length; i++) {
            if (Member.isOffer(offered[i]) && (onlyThese == null || onlyThese.isWith(places[i], offered[i]))) {
                int priority = Member.priority(offered[i]);
                byPriority[priority] = byPriority[priority] == null ? IntStream.builder() : byPriority[priority];
                byPriority[priority].add(i);
            }
        }
        NavigableMap<Integer, CandidateList> lists = new TreeMap<>();
        for (int i = 0; i < byPriority.length; i++) {
            if (byPriority[i] != null) {
                lists.put(i, list(byPriority[i].build().toArray(), offered));
            }
        }
        return lists.isEmpty() ? new TreeMap<>(Map.of(0, list(new int[0], offered))) : lists;
    }

    private CandidateList list(int[] indexes, long[] offered) {
        PooledBackend[] backends = new PooledBackend[indexes.length];
        int[] percents = new int[indexes.length];
        for (int i = 0; i < indexes.length; i++) {
            backends[i] = places[indexes[i]];
            percents[i] = Member.weightPercent(offered[indexes[i]]);
        }
        return new CandidateList(backends, percents, isAnyReduced(indexes), census.limited() > 0);
    }

    private boolean isAnyReduced(int[] indexes) {
        return census.reduced() > 0
                && Arrays.stream(indexes).anyMatch(index -> members[index].sharePercent() < WarmUp.FULL);
    }

    private static long firstStep(Member[] members) {
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
        return Collections.unmodifiableList(Arrays.asList(members));
    }

    /** How many there are without those that leave. */
    int size() {
        return members.length - census.leaving();
    }

    Census census() {
        return census;
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

    /** How many connections those could take now who can be chosen and are not among these, counted up to {@code most}. */
    int room(List<Route> failed, int most) {
        int room = 0;
        for (CandidateList tier : tiers.values()) {
            room += room < most ? tier.room(failed, most - room) : 0;
        }
        return room;
    }

    /** Whether somebody can be chosen for a connection for which these failed, full or not. */
    boolean hasOthersThan(List<Route> failed) {
        for (CandidateList tier : tiers.values()) {
            if (tier.hasOthersThan(failed)) {
                return true;
            }
        }
        return false;
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
        if (tier == null || !tier.refresh(backend)) {
            // It is on its way to another tier, or is in none.
            for (CandidateList other : tiers.values()) {
                other.refresh(backend);
            }
        }
    }

    /** Whether somebody's share has grown since this was made. */
    boolean isOutdated(LongSupplier nanoClock) {
        return census.warmingUp() > 0 && nanoClock.getAsLong() - nextStep >= 0;
    }

    /** The snapshot at this time. */
    PoolSnapshot at(long now) {
        Member[] then = members.clone();
        for (int i = 0; i < then.length; i++) {
            WarmUp way = then[i].warmUp();
            then[i] = way == null ? then[i] : then[i].warmingUp(way, now);
        }
        PoolSnapshot next = new PoolSnapshot(then, places, offers(then), Census.of(then), rules, charge);
        long earliest = now + then.length * NANOS_FOR_A_STEP;
        return earliest - next.nextStep > 0 ? new PoolSnapshot(next, then, next.census, earliest) : next;
    }

    /** By other rules. */
    PoolSnapshot with(OfferRules changed) {
        return new PoolSnapshot(members, places, offers, census, changed, charge);
    }

    /** Whether new connections are to come: the port is closed otherwise. */
    boolean isOpen() {
        return rules.noneHealthy() != NoneHealthy.STOP_LISTENING
                || !rules.areTooFew(census)
                || (census.eligible() == 0 && candidates.size() > 0);
    }

    /** Whether there is somebody to go to for who is taken off a backend that is DOWN. */
    boolean hasEnough() {
        return !rules.areTooFew(census);
    }

    /** The one who is UP and to whom nobody is preferred who is; null while there are too few, whoever is tried then. */
    @Nullable
    PooledBackend leader() {
        boolean areEligible = rules.offered(census) == Offered.ELIGIBLE && candidates.size() > 0;
        return areEligible ? candidates.get(0) : null;
    }

    /** Those to whom the leader is preferred, but for those that an operator has taken out: his word holds for them. */
    List<PooledBackend> lowerThan(PooledBackend leader) {
        int index = index(leader);
        return IntStream.range(0, members.length)
                .filter(i -> members[i].admin() == Admin.ENABLED && isPreferred(index, i))
                .mapToObj(i -> places[i])
                .toList();
    }

    private boolean isPreferred(int one, int other) {
        int priority = members[one].backend().priority();
        int otherPriority = members[other].backend().priority();
        return priority < otherPriority || (rules.isOrdered() && priority == otherPriority && one < other);
    }

    /** Whether this one of the members is preferred to another one, if that is one. */
    boolean isPreferred(PooledBackend one, PooledBackend other) {
        int index = index(other);
        return index >= 0 && isPreferred(index(one), index);
    }

    /** Whether this one was here and could not be chosen. */
    boolean hasFailed(PooledBackend backend) {
        int index = index(backend);
        return index >= 0 && !members[index].isEligible();
    }

    /** With one more, the last in the order. */
    PoolSnapshot withMore(Member added) {
        int size = members.length;
        Member[] all = Arrays.copyOf(members, size + 1);
        PooledBackend[] allPlaces = Arrays.copyOf(places, size + 1);
        long[] allOffers = Arrays.copyOf(offers, size + 1);
        all[size] = added;
        allPlaces[size] = added.place();
        allOffers[size] = added.offer(Offered.ELIGIBLE);
        return new PoolSnapshot(all, allPlaces, allOffers, census.with(added), rules, charge);
    }

    /** Without these, who leave: as nobody of them could be chosen, the lists of candidates stay the same objects. */
    PoolSnapshot without(List<Member> leaving) {
        Set<PooledBackend> gone = new HashSet<>();
        Census after = census;
        for (Member member : leaving) {
            gone.add(member.place());
            after = after.without(member);
        }
        int[] others = IntStream.range(0, members.length)
                .filter(i -> !gone.contains(places[i]))
                .toArray();
        return new PoolSnapshot(
                this,
                Arrays.stream(others).mapToObj(i -> members[i]).toArray(Member[]::new),
                Arrays.stream(others).mapToObj(i -> places[i]).toArray(PooledBackend[]::new),
                Arrays.stream(others).mapToLong(i -> offers[i]).toArray(),
                after,
                nextStep);
    }

    /** Those that leave and have no connection. */
    List<Member> idle() {
        return census.leaving() == 0
                ? List.of()
                : Arrays.stream(members)
                        .filter(member -> member.isLeaving() && member.place().activeConnections() == 0)
                        .toList();
    }

    /**
     * The snapshot after one member has changed. The list of candidates stays the same object if it does not differ:
     * that is so after nearly every check, and then this is no more than a copy of the list.
     */
    PoolSnapshot with(Member changed) {
        int index = index(changed.place());
        Member before = members[index];
        Member[] next = members.clone();
        next[index] = changed;
        Census after = census.without(before).with(changed);
        if (changed.isOfferedLike(before) && !changed.isWarmingUp() && !before.isWarmingUp()) {
            return new PoolSnapshot(this, next, after, nextStep);
        }
        long[] nextOffers = offers.clone();
        nextOffers[index] = changed.offer(Offered.ELIGIBLE);
        return new PoolSnapshot(next, places, nextOffers, after, rules, charge);
    }

    private int index(PooledBackend place) {
        return place.indexIn(places);
    }

    @Nullable
    Member find(CheckedBackend place) {
        int index = place instanceof PooledBackend backend ? index(backend) : -1;
        return index < 0 ? null : members[index];
    }
}
