package io.lb4j.selection;

import io.lb4j.backend.Backend;
import java.util.List;

/** The candidates are in order, and those at their limit are not among them: nothing is left to do. */
final class FirstSelector implements BackendSelector {
    @Override
    public Candidate select(Candidates candidates, ClientConnection connection) {
        return candidates.get(0);
    }

    @Override
    public boolean prefersEarlier() {
        return true;
    }

    @Override
    public List<String> advice(List<Backend> backends) {
        long different = backends.stream()
                .mapToInt(Backend::weight)
                .filter(weight -> weight > 0)
                .distinct()
                .count();
        return different < 2 ? List.of() : List.of("the selector first makes no difference between weights above 0");
    }

    @Override
    public String toString() {
        return "first";
    }
}
