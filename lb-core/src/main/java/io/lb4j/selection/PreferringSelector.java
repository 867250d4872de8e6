package io.lb4j.selection;

import io.lb4j.backend.Backend;
import java.util.ArrayList;
import java.util.List;
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
        return isPreferred(candidate.backend());
    }

    private boolean isPreferred(Backend backend) {
        return value.equals(backend.labels().get(label));
    }

    @Override
    public List<String> advice(List<Backend> backends) {
        List<String> all = new ArrayList<>(selector.advice(backends));
        if (backends.stream().noneMatch(this::isPreferred)) {
            all.add("the selector prefers backends with the label " + label + "=" + value + ", and none has it");
        }
        return all;
    }

    @Override
    public String toString() {
        return selector + ".preferring(" + label + ", " + value + ")";
    }
}
