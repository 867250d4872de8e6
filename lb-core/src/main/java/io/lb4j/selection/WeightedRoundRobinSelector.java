package io.lb4j.selection;

/** One smooth rotation over all event loops. */
final class WeightedRoundRobinSelector implements BackendSelector {
    private final SmoothRotation rotation = new SmoothRotation(Candidates::weight);

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        return candidates.get(rotation.next(candidates));
    }

    @Override
    public String toString() {
        return "weightedRoundRobin";
    }
}
