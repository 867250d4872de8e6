package io.lb4j.selection;

import org.jspecify.annotations.Nullable;

/** Hands on only the candidates with a label, if there are any. */
final class PreferringSelector implements BackendSelector {
    private final BackendSelector selector;
    private final String label;
    private final String value;
    private final RecentLists<PartOfCandidates> parts =
            new RecentLists<>(whole -> PartOfCandidates.of(whole, this::isPreferred));

    PreferringSelector(BackendSelector selector, String label, String value) {
        this.selector = selector;
        this.label = label;
        this.value = value;
    }

    @Override
    public @Nullable Candidate select(Candidates candidates, ClientConnection connection) {
        Candidates preferred = parts.of(candidates.whole()).restIn(candidates);
        return selector.select(preferred.size() == 0 ? candidates : preferred, connection);
    }

    private boolean isPreferred(Candidate candidate) {
        return value.equals(candidate.backend().labels().get(label));
    }

    @Override
    public String toString() {
        return selector + ".preferring(" + label + ", " + value + ")";
    }
}
