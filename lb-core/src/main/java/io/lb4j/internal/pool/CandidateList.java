package io.lb4j.internal.pool;

import io.lb4j.proxy.Route;
import io.lb4j.selection.Candidates;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** An immutable list of backends that can be chosen. */
final class CandidateList implements Candidates {
    private final PooledBackend[] backends;
    private final Set<PooledBackend> members;
    private final long version;

    CandidateList(List<PooledBackend> backends, long version) {
        this.backends = backends.toArray(PooledBackend[]::new);
        this.members = Set.copyOf(backends);
        this.version = version;
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

    /** Whether it can be chosen; in constant time, however many there are. */
    boolean contains(PooledBackend backend) {
        return members.contains(backend);
    }

    /** Those that have not failed for a connection yet; the version stays. */
    CandidateList without(List<Route> failed) {
        return new CandidateList(
                List.of(backends).stream()
                        .filter(backend -> !failed.contains(backend))
                        .toList(),
                version);
    }
}
