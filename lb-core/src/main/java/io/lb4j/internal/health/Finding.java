package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the checks of one backend have found so far, and whether that has been told. Confined to the control thread. */
final class Finding {
    private final HealthMonitor monitor;
    private final CheckedBackend backend;
    private Health health;
    private boolean timedOut;
    private boolean owesReport;

    /** Whether a failure was doubtful, since a check had a result that counted. */
    private boolean lookedAgain;

    /** @param health what is taken for known before the first check */
    Finding(HealthMonitor monitor, CheckedBackend backend, Health health) {
        this.monitor = monitor;
        this.backend = backend;
        this.health = health;
    }

    Backend backend() {
        return backend.backend();
    }

    Health health() {
        return health;
    }

    /** What the last check lets expect of the next. */
    Slots.Kind kind() {
        if (timedOut) {
            return Slots.Kind.SUSPECT;
        }
        return health.last() == null ? Slots.Kind.NEW : Slots.Kind.PROVEN;
    }

    /** The backend is one of those that are checked. */
    void counts() {
        monitor.changed(false, health.up());
    }

    /** The backend is checked no more. */
    void countsNoMore() {
        monitor.changed(health.up(), false);
    }

    /** Whether this failure is looked at once more, because this process did not run while it came about. Not twice. */
    boolean isDoubtful(Attempt failed) {
        Rhythm rhythm = monitor.rhythm();
        // The news of a failure may be quicker than any task that is late, when all go on after a stop.
        rhythm.runs(failed.timeoutAt());
        rhythm.runs(monitor.nextAudit());
        boolean again = !lookedAgain && rhythm.wasLateSince(failed.startedAt());
        lookedAgain |= again;
        return again;
    }

    /** This check has a result that counts: its own, or that there was none in time. */
    void ended(Attempt attempt) {
        boolean inTime = attempt.isBack();
        become(inTime ? after(attempt) : timedOut(attempt));
        timedOut = !inTime;
        lookedAgain = false;
    }

    private Health after(Attempt attempt) {
        String failure = attempt.failure();
        return failure == null
                ? health.passed(attempt.answer(), attempt.begunAt(), attempt.took(), monitor.policy())
                : health.failed(failure, attempt.begunAt(), attempt.took(), monitor.policy());
    }

    private Health timedOut(Attempt attempt) {
        Duration timeout = attempt.policy().timeout();
        return health.failed(
                "timed out after " + timeout.toMillis() + " ms",
                attempt.begunAt(),
                timeout.toNanos(),
                monitor.policy());
    }

    /** The last check, which began then, has not come back so long after its timeout: as good as one more that failed. */
    void stillOut(long beganAt, long late) {
        if (health.up()) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(late);
            become(health.failed(
                    "did not return within " + seconds + " s after its timeout", beganAt, late, monitor.policy()));
            report();
        }
    }

    private void become(Health next) {
        boolean wasUp = health.up();
        health = next;
        monitor.changed(wasUp, next.up());
    }

    void report() {
        try {
            owesReport = false;
            monitor.report(backend, health);
        } catch (VirtualMachineError shortage) {
            owesReport = true;
            throw shortage;
        }
    }

    /** What could not be told before. */
    void reportOwed() {
        if (owesReport) {
            report();
        }
    }
}
