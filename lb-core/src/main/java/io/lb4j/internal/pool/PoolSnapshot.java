package io.lb4j.internal.pool;

import io.lb4j.health.NoneHealthy;
import io.lb4j.internal.health.CheckedBackend;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who exists, with what status and why, and who can be chosen: everything a connection needs to know of the pool, in
 * one immutable object. When one member changes, the next is made of copies of arrays, without a look at the others:
 * there may be ten thousand, and they may all go down one after the other.
 */
final class PoolSnapshot {
    /** A step of backends that warm up is a pass over all: there is one in so many nanoseconds for each, at most. */
    private static final long NANOS_FOR_A_STEP = 1_000;

    private final Members members;
    private final OfferRules rules;

    /** Who has taken over, where who has stays; null where that is not so, or nobody could be chosen so far. */
    private final @Nullable Charge charge;

    private final Tiers tiers;
    private final long nextStep;

    private PoolSnapshot(Members members, OfferRules rules, @Nullable Charge before) {
        this.members = members;
        this.rules = rules;
        long[] offered = members.offered(rules.offered(members.census()));
        charge = rules.isStaying() ? Charge.after(before, members, offered, rules.isOrdered()) : null;
        tiers = Tiers.of(members, offered, charge);
        nextStep = members.nextStep();
    }

    /** The same candidates; members of whom something else is known, or fewer. */
    private PoolSnapshot(PoolSnapshot before, Members members, long nextStep) {
        this.members = members;
        this.nextStep = nextStep;
        rules = before.rules;
        charge = before.charge;
        tiers = before.tiers;
    }

    /** A snapshot without any before it. */
    static PoolSnapshot of(OfferRules rules) {
        return new PoolSnapshot(Members.of(List.of()), rules, null);
    }

    // ---- others

    /** Other members. */
    PoolSnapshot replaced(Collection<Member> members) {
        return new PoolSnapshot(Members.of(members), rules, charge);
    }

    /** By other rules. */
    PoolSnapshot with(OfferRules changed) {
        return new PoolSnapshot(members, changed, charge);
    }

    /** With one more, the last in the order. */
    PoolSnapshot withMore(Member added) {
        return new PoolSnapshot(members.withMore(added), rules, charge);
    }

    /** Without these, who leave: as nobody of them could be chosen, the lists of candidates stay the same objects. */
    PoolSnapshot without(List<Member> leaving) {
        return new PoolSnapshot(this, members.without(leaving), nextStep);
    }

    /**
     * The snapshot after one member has changed. The list of candidates stays the same object if it does not differ:
     * that is so after nearly every check, and then this is no more than a copy of the list.
     */
    PoolSnapshot with(Member changed) {
        Member before = members.get(members.index(changed.place()));
        Members next = members.with(changed);
        boolean isLike = changed.isOfferedLike(before) && !changed.isWarmingUp() && !before.isWarmingUp();
        return isLike ? new PoolSnapshot(this, next, nextStep) : new PoolSnapshot(next, rules, charge);
    }

    /** Whether somebody's share has grown since this was made. */
    boolean isOutdated(LongSupplier nanoClock) {
        return census().warmingUp() > 0 && nanoClock.getAsLong() - nextStep >= 0;
    }

    /** The snapshot at this time. */
    PoolSnapshot at(long now) {
        PoolSnapshot next = new PoolSnapshot(members.at(now), rules, charge);
        long earliest = now + members.count() * NANOS_FOR_A_STEP;
        return earliest - next.nextStep > 0 ? new PoolSnapshot(next, next.members, earliest) : next;
    }

    /** After this was published in the place of another one: whoever crossed his limit before has told that one. */
    void refreshAll(PoolSnapshot before) {
        if (tiers != before.tiers) {
            tiers.refreshAll();
        }
    }

    // ---- who there is

    List<Member> members() {
        return members.list();
    }

    @Nullable
    Member find(@Nullable CheckedBackend place) {
        return members.find(place);
    }

    /** How many there are without those that leave. */
    int size() {
        return members.count() - census().leaving();
    }

    Census census() {
        return members.census();
    }

    /** Those that leave and have no connection. */
    List<Member> idle() {
        return members.idle();
    }

    // ---- who can be chosen

    /** Who can be chosen, full or not. */
    Tiers tiers() {
        return tiers;
    }

    /** The first tier of those who can be chosen, full or not. */
    CandidateList candidates() {
        return tiers.first();
    }

    /** Whether new connections are to come: the port is closed otherwise. */
    boolean isOpen() {
        return rules.noneHealthy() != NoneHealthy.STOP_LISTENING
                || !rules.areTooFew(census())
                || (census().eligible() == 0 && candidates().size() > 0);
    }

    /** Whether there is somebody to go to for who is taken off a backend that is DOWN. */
    boolean hasEnough() {
        return !rules.areTooFew(census());
    }

    /** The one who is UP and to whom nobody is preferred who is; null while there are too few, whoever is tried then. */
    @Nullable
    PooledBackend leader() {
        boolean areEligible =
                rules.offered(census()) == Offered.ELIGIBLE && candidates().size() > 0;
        return areEligible ? candidates().get(0) : null;
    }

    /** Those to whom the leader is preferred, but for those that an operator has taken out: his word holds for them. */
    List<PooledBackend> lowerThan(PooledBackend leader) {
        int index = members.index(leader);
        return members.places(i -> members.get(i).admin() == Admin.ENABLED && isPreferred(index, i));
    }

    private boolean isPreferred(int one, int other) {
        int priority = members.get(one).backend().priority();
        int otherPriority = members.get(other).backend().priority();
        return priority < otherPriority || (rules.isOrdered() && priority == otherPriority && one < other);
    }

    /** Whether this one of the members is preferred to another one, if that is one. */
    boolean isPreferred(PooledBackend one, PooledBackend other) {
        int index = members.index(other);
        return index >= 0 && isPreferred(members.index(one), index);
    }

    /** Whether this one was here and could not be chosen. */
    boolean hasFailed(PooledBackend backend) {
        Member member = members.find(backend);
        return member != null && !member.isEligible();
    }
}
