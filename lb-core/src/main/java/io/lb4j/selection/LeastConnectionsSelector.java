package io.lb4j.selection;

/**
 * One pass over all candidates, from the one behind the last that was picked: so those that tie take turns among
 * themselves. A start that only counts up would give a tie's first one the turns of all that do not tie before it.
 */
final class LeastConnectionsSelector implements BackendSelector {
    /** Where the last pick was. Not volatile: what loops miss of each other makes a turn uneven and nothing wrong. */
    private int last = -1;

    /** The same of lists from which somebody is missing: in them, others stand at these places. */
    private int lastOfRest = -1;

    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        int size = candidates.size();
        boolean all = candidates.whole() == candidates;
        int next = (all ? last : lastOfRest) + 1; // read once: the other loops write it
        int first = next < size ? next : 0;
        int best = scan(candidates, first, size, first);
        best = scan(candidates, 0, first, best);
        if (all) {
            last = best;
        } else {
            lastOfRest = best;
        }
        return candidates.get(best);
    }

    /** The least loaded of {@code best} and those from {@code from} to before {@code to}; the earlier one of equals. */
    private static int scan(Candidates candidates, int from, int to, int best) {
        int chosen = best;
        long connections = candidates.get(best).activeConnections();
        long weight = candidates.weight(best);
        for (int i = from; i < to && connections > 0; i++) {
            long others = candidates.get(i).activeConnections();
            long othersWeight = candidates.weight(i);
            if (others * weight < connections * othersWeight) {
                chosen = i;
                connections = others;
                weight = othersWeight;
            }
        }
        return chosen;
    }

    @Override
    public String toString() {
        return "leastConnections";
    }
}
