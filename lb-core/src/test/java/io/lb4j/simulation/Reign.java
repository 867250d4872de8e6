package io.lb4j.simulation;

import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Whether the one in charge keeps the connections until it fails: whenever another one is chosen, the one before must
 * have been something else than UP since it was chosen last. Events tell that a moment later, so it is judged at the end.
 */
final class Reign {
    private record Change(String from, String to, long chosenLast, long at) {}

    /** An event may be this late. */
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(50);

    private final Map<String, List<Long>> fallen = new HashMap<>();
    private final List<Change> changes = new ArrayList<>();
    private String chosen = "";
    private long chosenAt;

    void chosen(String id, long now) {
        if (!id.equals(chosen) && !chosen.isEmpty()) {
            changes.add(new Change(chosen, id, chosenAt, now));
        }
        chosen = id;
        chosenAt = now;
    }

    void told(BackendStatusChanged event, long now) {
        if (event.to() != BackendStatus.UP) {
            fallen.computeIfAbsent(event.backend().id(), any -> new ArrayList<>())
                    .add(now);
        }
    }

    /** Returns how often another one took over. */
    int judge(Verdict verdict, boolean someEventsMayBeLost) {
        for (Change change : changes) {
            boolean hasFallen = fallen.getOrDefault(change.from(), List.of()).stream()
                    .anyMatch(at -> at >= change.chosenLast() && at <= change.at() + LATE);
            verdict.require(hasFallen || someEventsMayBeLost, "took over from one that had not failed", change);
        }
        return changes.size();
    }
}
