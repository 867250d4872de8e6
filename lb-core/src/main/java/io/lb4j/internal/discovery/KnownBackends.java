package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The backends of the answers so far, those that are missing but not yet dropped included. Confined to the control
 * thread; time is handed in.
 */
final class KnownBackends {
    private record Known(Backend backend, boolean missing, long missingSince) {}

    private final long vanishedAfter;
    private Map<String, Known> byId = new LinkedHashMap<>();

    /** Drops what has been missing for this long, in nanoseconds. */
    KnownBackends(long vanishedAfter) {
        this.vanishedAfter = vanishedAfter;
    }

    /** Takes in a good answer. */
    void answered(List<Backend> answer, long now) {
        Map<String, Backend> answered = new LinkedHashMap<>();
        Set<String> addresses = new HashSet<>();
        for (Backend backend : answer) {
            answered.put(backend.id(), backend);
            addresses.add(Answer.address(backend));
        }
        Map<String, Known> next = new LinkedHashMap<>();
        for (Known known : byId.values()) {
            Backend again = answered.remove(known.backend.id());
            if (again != null) {
                next.put(again.id(), present(again));
            } else if (!addresses.contains(Answer.address(known.backend))) {
                keepForAWhile(known, now, next);
            }
        }
        answered.values().forEach(backend -> next.put(backend.id(), present(backend)));
        byId = next;
    }

    private void keepForAWhile(Known known, long now, Map<String, Known> next) {
        long since = known.missing ? known.missingSince : now;
        if (now - since < vanishedAfter) {
            next.put(known.backend.id(), new Known(known.backend, true, since));
        }
    }

    private static Known present(Backend backend) {
        return new Known(backend, false, 0);
    }

    /** All of them; each keeps its place for as long as it is known. */
    List<Backend> list() {
        return byId.values().stream().map(Known::backend).toList();
    }

    /** How long until one that is missing has been missing for long enough, in nanoseconds; null when none is missing. */
    @Nullable
    Long nanosToDrop(long now) {
        return byId.values().stream()
                .filter(Known::missing)
                .map(known -> known.missingSince + vanishedAfter - now)
                .collect(Collectors.minBy(Long::compare))
                .orElse(null);
    }
}
