package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.internal.health.Health;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One backend and what is known of it at the time of a snapshot.
 *
 * @param place its place in the pool, which stays when anything else changes
 * @param ejection the one under way; null when there is none
 * @param since the time of the nano clock at which it got its status
 * @param warmUp the rest of its way to its whole share; null when it has that
 * @param warmUpPercent how much of its share it gets: 10..100
 */
record Member(
        PooledBackend place,
        Backend backend,
        Admin admin,
        Health health,
        @Nullable Ejection ejection,
        long since,
        @Nullable WarmUp warmUp,
        int warmUpPercent) {

    static Member of(PooledBackend place, Health health, long now) {
        return new Member(place, place.backend(), Admin.ENABLED, health, null, now, null, WarmUp.FULL);
    }

    /** A pure function of what an operator said, what connections showed and what checks found, in this order. */
    BackendStatus status() {
        return switch (admin) {
            case LEAVING -> BackendStatus.LEAVING;
            case DISABLED -> BackendStatus.DISABLED;
            case DRAINING -> BackendStatus.DRAINING;
            case ENABLED -> ejection != null ? BackendStatus.EJECTED : statusByChecks();
        };
    }

    private BackendStatus statusByChecks() {
        if (!health.up()) {
            return BackendStatus.DOWN;
        }
        return health.answer().draining() ? BackendStatus.DRAINING : BackendStatus.UP;
    }

    /** Why it has its status, for people. */
    String reason() {
        return switch (admin) {
            case LEAVING -> "removed, and has connections";
            case DISABLED -> "disabled";
            case DRAINING -> "told to drain";
            case ENABLED -> ejection != null ? ejection.reason() : health.reason();
        };
    }

    Member with(Health changed) {
        return new Member(place, backend, admin, changed, ejection, since, warmUp, warmUpPercent);
    }

    Member with(Admin changed) {
        return new Member(place, backend, changed, health, ejection, since, warmUp, warmUpPercent);
    }

    Member with(@Nullable Ejection changed) {
        return new Member(place, backend, admin, health, changed, since, warmUp, warmUpPercent);
    }

    Member with(Backend changed) {
        return new Member(place, changed, admin, health, ejection, since, warmUp, warmUpPercent);
    }

    /** With a status that it got now; what was left of a way to its whole share is void. */
    Member since(long now) {
        return new Member(place, backend, admin, health, ejection, now, null, WarmUp.FULL);
    }

    /** What becomes of it when it is left out; itself when it was before. */
    Member leaving(long now) {
        return isLeaving() ? this : with(Admin.LEAVING).since(now);
    }

    /** At this time of its way to its whole share. */
    Member warmingUp(WarmUp way, long now) {
        int percent = way.percent(now);
        WarmUp rest = percent == WarmUp.FULL ? null : way;
        return new Member(place, backend, admin, health, ejection, since, rest, percent);
    }

    /** Whether it is no more than its last connections. */
    boolean isLeaving() {
        return admin == Admin.LEAVING;
    }

    boolean isUp() {
        return status() == BackendStatus.UP;
    }

    /** Whether it can be chosen. */
    boolean isEligible() {
        return isUp() && backend.weight() > 0 && health.answer().weightPercent() > 0;
    }

    /** Whether nothing but its health can keep it from being chosen: neither an operator nor its own word. */
    boolean isWorthATry() {
        return admin == Admin.ENABLED
                && backend.weight() > 0
                && !health.answer().draining()
                && health.answer().weightPercent() > 0;
    }

    /** Whether checks say so: what one of whom nothing is known has is not taken from it. */
    boolean isFoundDown() {
        return !health.up() && !health.isUnchecked();
    }

    /** Whether it is out for no other reason than that it has not been checked yet. */
    boolean isUnproven() {
        return isWorthATry() && !health.up() && health.isUnchecked();
    }

    /** How much of its weight it gets, rounded up: less than all of it while it warms up, and where its check says so. */
    int sharePercent() {
        int answered = health.answer().weightPercent();
        return answered == WarmUp.FULL ? warmUpPercent : (warmUpPercent * answered + 99) / WarmUp.FULL;
    }

    boolean isWarmingUp() {
        return warmUp != null;
    }

    /** For readers. The limit is that of its drain, as a time of the nano clock; null when it has none. */
    BackendState state(@Nullable Long drainLimit, Instant wallClock, long now) {
        return new BackendState(
                backend,
                status(),
                reason(),
                wallClock.minusNanos(now - since),
                Optional.ofNullable(ejection).map(one -> wallClock.plusNanos(one.endsAt() - now)),
                Optional.ofNullable(drainLimit).map(limit -> wallClock.plusNanos(limit - now)),
                Optional.ofNullable(health.last()),
                health.passed(),
                health.failed(),
                sharePercent(),
                place.activeConnections());
    }

    // ---- offers: all that lists of candidates are made of, in one number, since all members' are looked at each time

    /** With which priority and weight it is offered when these are: with weight 0, which is not at all, if it is none. */
    long offer(Offered choice) {
        return offer(
                switch (choice) {
                    case NOBODY -> false;
                    case ELIGIBLE -> isEligible();
                    case UNPROVEN -> isUnproven();
                    case ALL -> isWorthATry();
                });
    }

    private long offer(boolean isOffered) {
        int weightPercent = isOffered ? backend.weight() * sharePercent() : 0;
        return (long) backend.priority() << Integer.SIZE | weightPercent;
    }

    static boolean isOffer(long offer) {
        return weightPercent(offer) > 0;
    }

    static int priority(long offer) {
        return (int) (offer >> Integer.SIZE);
    }

    static int weightPercent(long offer) {
        return (int) offer;
    }

    /** Whether lists of candidates with one or the other do not differ. */
    boolean isOfferedLike(Member other) {
        return place == other.place
                && isEligible() == other.isEligible()
                && isWorthATry() == other.isWorthATry()
                && isUnproven() == other.isUnproven()
                && sharePercent() == other.sharePercent()
                && backend.equals(other.backend);
    }
}
