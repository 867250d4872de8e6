package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.ConditionLog;
import io.lb4j.internal.util.NamedLog;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What is said of one discovery and its answers. Confined to the control thread, but for {@link #notClosed}. */
final class DiscoveryLog {
    private final NamedLog log;
    private final ConditionLog condition;
    private final ConditionLog duplicates;
    private final ConditionLog refusals;
    private final ConditionLog conflicts;
    private final ConditionLog watch;
    private final String what;

    /**
     * @param name what lines begin with
     * @param what the discovery, in one line
     */
    DiscoveryLog(String name, LongSupplier nanoClock, String what) {
        log = lines(name);
        condition = new ConditionLog(log, nanoClock);
        duplicates = new ConditionLog(log, nanoClock);
        refusals = new ConditionLog(log, nanoClock);
        conflicts = new ConditionLog(log, nanoClock);
        watch = new ConditionLog(log, nanoClock);
        this.what = what;
    }

    static NamedLog lines(String name) {
        return new NamedLog(LoggerFactory.getLogger(DiscoveryLoop.class), name);
    }

    void failed(String reason, List<Backend> known) {
        condition.wrong("failed", what + " failed (" + reason + "); " + kept(known));
    }

    /** An answer without a backend that does not count. */
    void ignoredEmpty(Answer answer, List<Backend> known) {
        refused(answer);
        condition.wrong("empty", what + " answered without a backend; " + kept(known));
    }

    /** An answer that counts. */
    void answered(Answer answer) {
        if (answer.backends().isEmpty()) {
            condition.wrong("empty", what + " answered without a backend, and empty answers count");
        } else {
            condition.fine(what + " works again, " + count(answer.backends()));
        }
        refused(answer);
        if (answer.duplicates().isEmpty()) {
            duplicates.fine(what + " answers without duplicates again");
        } else {
            duplicates.wrong(
                    "duplicates",
                    what + " answered " + OneLine.of(answer.duplicates())
                            + " with the id or the address of an earlier backend; left out");
        }
    }

    private void refused(Answer answer) {
        if (answer.refused().isEmpty()) {
            refusals.fine(what + " answers without a refused backend again");
        } else {
            refusals.wrong(
                    "refused",
                    what + " answered " + count(answer.refused()) + " that cannot be taken (the first: "
                            + answer.refusal() + "); left out");
        }
    }

    /**
     * What became of a list.
     *
     * @param leftOut why some of it were
     */
    void taken(List<Backend> backends, List<String> leftOut) {
        if (leftOut.isEmpty()) {
            conflicts.fine(what + ": all of " + count(backends) + " are in the pool again");
        } else {
            conflicts.wrong(
                    "left out",
                    what + ": " + leftOut.size() + " of " + count(backends) + " left out (the first: " + leftOut.get(0)
                            + ")");
        }
    }

    /** Whether it tells of changes. Null when it does, or never said that it would. */
    void watched(@Nullable String refusal) {
        if (refusal == null) {
            watch.fine(what + " is watched again");
        } else {
            watch.wrong("refused", what + " cannot be watched (" + refusal + "); it is only asked until it can");
        }
    }

    /** What came too soon after something else was said. To be called now and then. */
    void sayWhatIsDue() {
        condition.sayWhatIsDue();
        duplicates.sayWhatIsDue();
        refusals.sayWhatIsDue();
        conflicts.sayWhatIsDue();
        watch.sayWhatIsDue();
    }

    /** From any thread. */
    void notClosed(Throwable failure) {
        log.warn(what + ": its watch could not be closed (" + OneLine.of(failure) + ")");
    }

    private static String kept(List<Backend> known) {
        return known.isEmpty() ? "no backend is known yet" : "kept the last good list, " + count(known);
    }

    private static String count(List<Backend> backends) {
        return backends.size() + (backends.size() == 1 ? " backend" : " backends");
    }
}
