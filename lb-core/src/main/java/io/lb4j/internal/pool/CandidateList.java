package io.lb4j.internal.pool;

import io.lb4j.internal.util.WeightLine;
import io.lb4j.selection.Candidates;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** An immutable list of backends that can be chosen, all of one tier. */
final class CandidateList implements Candidates {
    /** One sequence for all balancers, since two of them can share a selector. */
    private static final AtomicLong VERSIONS = new AtomicLong();

    private static final long FOR_ONE_PICK = 0;

    private final List<Member> members;
    private final PooledBackend[] backends;
    private final Set<PooledBackend> set;
    private final WeightLine weights;
    private final boolean warmingUp;
    private final boolean limited;
    private final long version;

    private CandidateList(List<Member> members, long version) {
        this.members = members;
        this.version = version;
        backends = members.stream().map(Member::place).toArray(PooledBackend[]::new);
        set = Set.of(backends);
        warmingUp = members.stream().anyMatch(Member::isWarmingUp);
        limited = members.stream()
                .anyMatch(member -> member.backend().maxConnections().isPresent());
        // In percent while somebody has less than 100.
        int unit = warmingUp ? 1 : WarmUp.FULL;
        weights = new WeightLine(backends.length, i -> members.get(i).weightPercent() / unit);
    }

    /** Those of the first tier that has any, as a list with a version of its own. */
    static CandidateList of(List<Member> eligible) {
        return new CandidateList(firstTier(eligible), VERSIONS.incrementAndGet());
    }

    /** Those of the first tier that has any that are acceptable, as a list for one pick. */
    static CandidateList once(List<Member> eligible, Predicate<PooledBackend> acceptable) {
        List<Member> rest = eligible.stream()
                .filter(member -> acceptable.test(member.place()))
                .toList();
        return new CandidateList(firstTier(rest), FOR_ONE_PICK);
    }

    private static List<Member> firstTier(List<Member> eligible) {
        int first = eligible.stream()
                .mapToInt(member -> member.backend().priority())
                .min()
                .orElse(0);
        return eligible.stream()
                .filter(member -> member.backend().priority() == first)
                .toList();
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
    public int indexAt(long point) {
        return weights.indexAt(point);
    }

    @Override
    public boolean isWarmingUp() {
        return warmingUp;
    }

    @Override
    public int warmUpPercent(int index) {
        return members.get(index).warmUpPercent();
    }

    /** Whether it can be chosen; in constant time, however many there are. */
    boolean contains(PooledBackend backend) {
        return set.contains(backend);
    }

    /** Whether one of them has no room for a connection now. One look at each, if any has a limit. */
    boolean hasFull() {
        if (limited) {
            for (PooledBackend backend : backends) {
                if (backend.isFull()) {
                    return true;
                }
            }
        }
        return false;
    }
}
