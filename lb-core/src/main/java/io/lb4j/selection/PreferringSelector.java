package io.lb4j.selection;

import org.jspecify.annotations.Nullable;

/** Hands on only the candidates with a label, if there are any. */
final class PreferringSelector implements BackendSelector {
    private final BackendSelector selector;
    private final String label;
    private final String value;
    private volatile @Nullable Preferred last;

    PreferringSelector(BackendSelector selector, String label, String value) {
        this.selector = selector;
        this.label = label;
        this.value = value;
    }

    @Override
    public @Nullable Candidate select(Candidates candidates, ClientConnection connection) {
        return selector.select(preferred(candidates), connection);
    }

    /** For one version it is always the same list, so the version tells this selector's selector what it needs to know. */
    private Candidates preferred(Candidates candidates) {
        Preferred known = last;
        if (known != null && known.all.version() == candidates.version() && candidates.version() != 0) {
            return known.chosen;
        }
        Candidates some = PartOfCandidates.of(candidates, this::isPreferred);
        Preferred found = new Preferred(candidates, some.size() == 0 ? candidates : some);
        last = found;
        return found.chosen;
    }

    private boolean isPreferred(Candidate candidate) {
        return value.equals(candidate.backend().labels().get(label));
    }

    @Override
    public String toString() {
        return selector + ".preferring(" + label + ", " + value + ")";
    }

    private record Preferred(Candidates all, Candidates chosen) {}
}
