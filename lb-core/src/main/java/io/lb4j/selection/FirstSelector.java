package io.lb4j.selection;

/** The candidates are in order, and those at their limit are not among them: nothing is left to do. */
final class FirstSelector implements BackendSelector {
    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        return candidates.get(0);
    }

    @Override
    public String toString() {
        return "first";
    }
}
