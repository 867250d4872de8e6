package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.NamedLog;
import java.util.List;
import java.util.function.LongSupplier;

/** What is said of one discovery and its answers. Confined to the control thread. */
final class DiscoveryLog {
    private final ConditionLog condition;
    private final ConditionLog duplicates;
    private final String what;

    DiscoveryLog(NamedLog log, LongSupplier nanoClock, String what) {
        condition = new ConditionLog(log, nanoClock);
        duplicates = new ConditionLog(log, nanoClock);
        this.what = what;
    }

    void failed(String reason, List<Backend> known) {
        condition.wrong("failed", what + " failed (" + reason + "); " + kept(known));
    }

    /** An answer without a backend that does not count. */
    void ignoredEmpty(List<Backend> known) {
        condition.wrong("empty", what + " answered without a backend; " + kept(known));
    }

    /** An answer that counts. */
    void answered(Answer answer) {
        if (answer.backends().isEmpty()) {
            condition.wrong("empty", what + " answered without a backend, and empty answers count");
        } else {
            condition.fine(what + " works again, " + count(answer.backends()));
        }
        if (answer.duplicates().isEmpty()) {
            duplicates.fine(what + " answers without duplicates again");
        } else {
            duplicates.wrong(
                    "duplicates",
                    what + " answered " + OneLine.of(answer.duplicates())
                            + " with the id or the address of an earlier backend; left out");
        }
    }

    private static String kept(List<Backend> known) {
        return known.isEmpty() ? "no backend is known yet" : "kept the last good list, " + count(known);
    }

    private static String count(List<Backend> backends) {
        return backends.size() + (backends.size() == 1 ? " backend" : " backends");
    }
}
