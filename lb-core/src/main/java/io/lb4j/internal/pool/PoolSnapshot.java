package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.proxy.Route;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who exists, with what status and why, and who can be chosen: everything a connection needs to know of the pool, in
 * one immutable object.
 */
final class PoolSnapshot {
    /**
     * One backend and its status at the time of the snapshot.
     *
     * @param place its place in the pool, which stays when its weight or status changes
     * @param warmUp the rest of its way to its whole share; null when it has that
     * @param warmUpPercent how much of its share it gets: 10..100
     */
    record Member(
            PooledBackend place,
            Backend backend,
            BackendStatus status,
            String reason,
            @Nullable WarmUp warmUp,
            int warmUpPercent) {

        static Member of(PooledBackend place, Backend backend, BackendStatus status, String reason) {
            return new Member(place, backend, status, reason, null, WarmUp.FULL);
        }

        Member with(BackendStatus changed, String why) {
            return changed == status
                    ? new Member(place, backend, status, why, warmUp, warmUpPercent)
                    : of(place, backend, changed, why);
        }

        Member with(Backend changed) {
            return new Member(place, changed, status, reason, warmUp, warmUpPercent);
        }

        /** At this time of its way to its whole share. */
        Member warmingUp(WarmUp way, long now) {
            int percent = way.percent(now);
            return new Member(place, backend, status, reason, percent == WarmUp.FULL ? null : way, percent);
        }

        boolean isEligible() {
            return status == BackendStatus.UP && backend.weight() > 0;
        }

        boolean isWarmingUp() {
            return warmUp != null;
        }

        int weightPercent() {
            return backend.weight() * warmUpPercent;
        }

        /** Whether lists of candidates with one or the other differ. */
        boolean isOfferedLike(Member other) {
            return place == other.place
                    && isEligible() == other.isEligible()
                    && warmUpPercent == other.warmUpPercent
                    && backend.equals(other.backend);
        }

        BackendState state() {
            return new BackendState(backend, status, reason, place.activeConnections());
        }
    }

    private final List<Member> members;
    private final List<Member> eligible;
    private final CandidateList candidates;
    private final boolean warmingUp;
    private final long nextStep;

    private PoolSnapshot(List<Member> members, @Nullable CandidateList same) {
        this.members = members;
        eligible = members.stream().filter(Member::isEligible).toList();
        candidates = same != null ? same : CandidateList.of(eligible);
        warmingUp = members.stream().anyMatch(Member::isWarmingUp);
        nextStep = warmingUp ? firstStep(members) : 0;
    }

    static PoolSnapshot of(List<Backend> backends, String reason, LongSupplier nanoClock) {
        return new PoolSnapshot(
                backends.stream()
                        .map(backend ->
                                Member.of(new PooledBackend(backend, nanoClock), backend, BackendStatus.UP, reason))
                        .toList(),
                null);
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

    /** Who can be chosen for a first attempt, full or not. */
    CandidateList candidates() {
        return candidates;
    }

    /** Who can be chosen by a connection for which these failed: nobody who is full. */
    CandidateList candidates(List<Route> failed) {
        if (failed.isEmpty() && !candidates.hasFull()) {
            return candidates;
        }
        return CandidateList.once(eligible, backend -> !backend.isFull() && !failed.contains(backend));
    }

    long up() {
        return members.stream()
                .filter(member -> member.status() == BackendStatus.UP)
                .count();
    }

    /** Whether somebody's share has grown since this was made. */
    boolean isOutdated(LongSupplier nanoClock) {
        return warmingUp && nanoClock.getAsLong() - nextStep >= 0;
    }

    /** The snapshot at this time. */
    PoolSnapshot at(long now) {
        return new PoolSnapshot(
                members.stream()
                        .map(member -> {
                            WarmUp way = member.warmUp();
                            return way == null ? member : member.warmingUp(way, now);
                        })
                        .toList(),
                null);
    }

    /** The snapshot after one member has changed. The list of candidates stays the same object if it does not differ. */
    PoolSnapshot with(Member changed) {
        boolean sameCandidates = members.stream()
                .filter(member -> member.place() == changed.place())
                .allMatch(changed::isOfferedLike);
        return new PoolSnapshot(
                members.stream()
                        .map(member -> member.place() == changed.place() ? changed : member)
                        .toList(),
                sameCandidates ? candidates : null);
    }

    /** The snapshot with one member more, the last one. */
    PoolSnapshot and(Member added) {
        return new PoolSnapshot(
                Stream.concat(members.stream(), Stream.of(added)).toList(), null);
    }

    /** The snapshot without one member. */
    PoolSnapshot without(Member removed) {
        return new PoolSnapshot(
                members.stream()
                        .filter(member -> member.place() != removed.place())
                        .toList(),
                null);
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
}
