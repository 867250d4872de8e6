package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import java.util.List;

/**
 * Who exists, with what status and why, and who can be chosen: everything a connection needs to know of the pool, in
 * one immutable object.
 */
final class PoolSnapshot {
    /** One backend and its status at the time of the snapshot. */
    record Member(PooledBackend backend, BackendStatus status, String reason) {
        boolean isEligible() {
            return status == BackendStatus.UP && backend.backend().weight() > 0;
        }

        BackendState state() {
            return new BackendState(backend.backend(), status, reason, backend.activeConnections());
        }
    }

    private final List<Member> members;
    private final CandidateList eligible;

    private PoolSnapshot(List<Member> members, CandidateList eligible) {
        this.members = members;
        this.eligible = eligible;
    }

    static PoolSnapshot of(List<Backend> backends, String reason) {
        List<Member> members = backends.stream()
                .map(backend -> new Member(new PooledBackend(backend), BackendStatus.UP, reason))
                .toList();
        return new PoolSnapshot(members, eligible(members, 0));
    }

    List<Member> members() {
        return members;
    }

    CandidateList eligible() {
        return eligible;
    }

    long up() {
        return members.stream()
                .filter(member -> member.status() == BackendStatus.UP)
                .count();
    }

    /** The snapshot after one member has changed. The list of candidates stays the same object if it does not differ. */
    PoolSnapshot with(Member changed) {
        List<Member> next = members.stream()
                .map(member -> member.backend() == changed.backend() ? changed : member)
                .toList();
        boolean sameEligible = members.stream()
                .filter(member -> member.backend() == changed.backend())
                .allMatch(member -> member.isEligible() == changed.isEligible());
        return new PoolSnapshot(next, sameEligible ? eligible : eligible(next, eligible.version() + 1));
    }

    private static CandidateList eligible(List<Member> members, long version) {
        return new CandidateList(
                members.stream().filter(Member::isEligible).map(Member::backend).toList(), version);
    }
}
