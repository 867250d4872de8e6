package io.lb4j.benchmarks.compare;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The table that {@code strace -c} prints: share of the time, seconds, microseconds per call, calls, errors where there
 * were any, and the call's name; then the sums in a line that is named {@code total}, which before version 5 has no
 * microseconds per call. There is a table for each of a machine's ABIs that was used; nothing when there was no call.
 */
final class StraceSummary {
    private static final Pattern LINE =
            Pattern.compile("(?m)^ *[\\d.]+ +[\\d.]+ +\\d+ +(?<calls>\\d+) +(?:\\d+ +)?(?<name>\\S+) *$");

    /** No call has this name. */
    private static final String SUM = "total";

    private StraceSummary() {}

    /** How often each call was made. */
    static Map<String, Long> parse(String tables) {
        Map<String, Long> calls = new TreeMap<>();
        Matcher line = LINE.matcher(tables);
        while (line.find()) {
            if (!line.group("name").equals(SUM)) {
                calls.merge(line.group("name"), Long.parseLong(line.group("calls")), Long::sum);
            }
        }
        return calls;
    }
}
