package io.lb4j.selection;

/** One smooth rotation over all event loops, of the whole list; a turn that falls on one who is missing is spread. */
final class WeightedRoundRobinSelector implements BackendSelector {
    private final SmoothRotation rotation = new SmoothRotation(Candidates::weight);
    private final GoldenSteps others = new GoldenSteps();

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        Candidates whole = candidates.whole();
        int turn = connection.attempt() == 1 ? rotation.next(whole) : SmoothRotation.NOBODY;
        return turn < 0 || candidates.isMissing(turn) ? another(candidates) : whole.get(turn);
    }

    private Candidate another(Candidates candidates) {
        return candidates.get(candidates.indexAt(others.next(candidates.totalWeight())));
    }

    @Override
    public String toString() {
        return "weightedRoundRobin";
    }
}
