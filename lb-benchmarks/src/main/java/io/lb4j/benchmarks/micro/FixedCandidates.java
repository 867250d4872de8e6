package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import java.util.stream.IntStream;

/** Candidates that never change. */
final class FixedCandidates implements Candidates {
    private record Idle(Backend backend) implements Candidate {
        @Override
        public int activeConnections() {
            return 0;
        }
    }

    private final Candidate[] candidates;

    FixedCandidates(int size) {
        candidates = IntStream.range(0, size)
                .mapToObj(i -> new Idle(Backend.of("127.0.0.1", 1024 + i)))
                .toArray(Candidate[]::new);
    }

    @Override
    public int size() {
        return candidates.length;
    }

    @Override
    public Candidate get(int index) {
        return candidates[index];
    }

    @Override
    public long version() {
        return 0;
    }
}
