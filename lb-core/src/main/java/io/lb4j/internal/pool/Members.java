package io.lb4j.internal.pool;

import io.lb4j.internal.health.CheckedBackend;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The members of a pool in their order, and counted. What all of them are looked through for is in arrays of its own.
 * Immutable: others are made of copies of the arrays.
 */
final class Members {
    private final Member[] all;
    private final PooledBackend[] places;

    /** What each {@linkplain Member#offer is offered} with if it is eligible. */
    private final long[] offers;

    private final Census census;

    private Members(Member[] all, PooledBackend[] places, long[] offers, Census census) {
        this.all = all;
        this.places = places;
        this.offers = offers;
        this.census = census;
    }

    static Members of(Collection<Member> members) {
        Member[] all = members.toArray(Member[]::new);
        PooledBackend[] places = Arrays.stream(all).map(Member::place).toArray(PooledBackend[]::new);
        for (int i = 0; i < places.length; i++) {
            places[i].expectAt(i);
        }
        return new Members(all, places, offers(all, Offered.ELIGIBLE), Census.of(all));
    }

    private static long[] offers(Member[] members, Offered choice) {
        return Arrays.stream(members).mapToLong(member -> member.offer(choice)).toArray();
    }

    int count() {
        return all.length;
    }

    Census census() {
        return census;
    }

    Member get(int index) {
        return all[index];
    }

    PooledBackend place(int index) {
        return places[index];
    }

    /** Negative when it is none of them. */
    int index(PooledBackend place) {
        return place.indexIn(places);
    }

    @Nullable
    Member find(@Nullable CheckedBackend place) {
        int index = place instanceof PooledBackend backend ? index(backend) : -1;
        return index < 0 ? null : all[index];
    }

    List<Member> list() {
        return Collections.unmodifiableList(Arrays.asList(all));
    }

    /** The places of those with such an index. */
    List<PooledBackend> places(IntPredicate isWanted) {
        return IntStream.range(0, all.length)
                .filter(isWanted)
                .mapToObj(i -> places[i])
                .toList();
    }

    /** What each is offered with when these are. Not to be changed. */
    long[] offered(Offered choice) {
        return choice == Offered.ELIGIBLE ? offers : offers(all, choice);
    }

    /** A list of those with these indexes, who are offered like this. */
    CandidateList candidates(int[] indexes, long[] offered) {
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
                && Arrays.stream(indexes).anyMatch(index -> all[index].sharePercent() < WarmUp.FULL);
    }

    /** Those that leave and have no connection. */
    List<Member> idle() {
        return census.leaving() == 0
                ? List.of()
                : Arrays.stream(all)
                        .filter(member -> member.isLeaving() && member.place().activeConnections() == 0)
                        .toList();
    }

    /** When the first of those that warm up gets more; 0 when nobody does. */
    long nextStep() {
        Long first = null;
        for (int i = 0; census.warmingUp() > 0 && i < all.length; i++) {
            WarmUp way = all[i].warmUp();
            if (way != null) {
                long step = way.stepAfter(all[i].warmUpPercent());
                first = first == null || step - first < 0 ? Long.valueOf(step) : first;
            }
        }
        return first == null ? 0 : first;
    }

    // ---- others

    /** At this time of their ways to their whole shares. */
    Members at(long now) {
        Member[] then = all.clone();
        for (int i = 0; i < then.length; i++) {
            WarmUp way = then[i].warmUp();
            then[i] = way == null ? then[i] : then[i].warmingUp(way, now);
        }
        return new Members(then, places, offers(then, Offered.ELIGIBLE), Census.of(then));
    }

    /** One of them has changed. */
    Members with(Member changed) {
        int index = index(changed.place());
        Member before = all[index];
        Member[] next = all.clone();
        next[index] = changed;
        Census after = census.without(before).with(changed);
        return new Members(next, places, changed.isOfferedLike(before) ? offers : offers(index, changed), after);
    }

    private long[] offers(int index, Member changed) {
        long[] next = offers.clone();
        next[index] = changed.offer(Offered.ELIGIBLE);
        return next;
    }

    /** With one more, the last in the order. */
    Members withMore(Member added) {
        Member[] more = Arrays.copyOf(all, all.length + 1);
        PooledBackend[] morePlaces = Arrays.copyOf(places, more.length);
        long[] moreOffers = Arrays.copyOf(offers, more.length);
        more[all.length] = added;
        morePlaces[all.length] = added.place();
        moreOffers[all.length] = added.offer(Offered.ELIGIBLE);
        return new Members(more, morePlaces, moreOffers, census.with(added));
    }

    Members without(List<Member> leaving) {
        Set<PooledBackend> gone = new HashSet<>();
        Census after = census;
        for (Member member : leaving) {
            gone.add(member.place());
            after = after.without(member);
        }
        int[] others = IntStream.range(0, all.length)
                .filter(i -> !gone.contains(places[i]))
                .toArray();
        return new Members(
                Arrays.stream(others).mapToObj(i -> all[i]).toArray(Member[]::new),
                Arrays.stream(others).mapToObj(i -> places[i]).toArray(PooledBackend[]::new),
                Arrays.stream(others).mapToLong(i -> offers[i]).toArray(),
                after);
    }
}
