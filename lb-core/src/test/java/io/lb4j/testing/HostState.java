package io.lb4j.testing;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** What the balancer of a {@link io.lb4j.testing.child.HostProgram} says of itself. */
record HostState(String text, long active, long openDrains, Map<String, BackendLine> backends) {
    /** What it says of one backend; the age is that of its last check. */
    record BackendLine(String id, String status, int active, long ageMillis) {
        static BackendLine of(String text) {
            String[] words = text.split(" ");
            return new BackendLine(words[0], words[1], Integer.parseInt(words[2]), Long.parseLong(words[3]));
        }
    }

    static HostState of(String line) {
        String[] parts = line.split("\t");
        String[] gauges = parts[0].split(" ");
        return new HostState(
                line.replace("\t", "\n  "),
                Long.parseLong(gauges[0]),
                Long.parseLong(gauges[1]),
                Arrays.stream(parts)
                        .skip(2)
                        .map(BackendLine::of)
                        .collect(Collectors.toMap(BackendLine::id, backend -> backend)));
    }
}
