package io.lb4j.backend;

import java.util.List;

/**
 * What replacing all backends changed. Each list is unmodifiable and in the order of the new list, the last one in that
 * of the old.
 *
 * @param added those that are new; a known id at another host or port is a new backend. Those that were leaving too
 * @param kept those that stayed as they were
 * @param changed those whose weight, priority, limit or labels changed; they keep their connections, counters and health
 * @param removed those that are not among them; they get no new connections, and are gone when those they have have ended
 */
public record BackendChanges(List<Backend> added, List<Backend> kept, List<Backend> changed, List<Backend> removed) {
    public BackendChanges {
        added = List.copyOf(added);
        kept = List.copyOf(kept);
        changed = List.copyOf(changed);
        removed = List.copyOf(removed);
    }

    /** Whether everything stayed as it was. */
    public boolean isEmpty() {
        return added.isEmpty() && changed.isEmpty() && removed.isEmpty();
    }
}
