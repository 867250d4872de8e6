package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import io.lb4j.health.HealthCheckPolicy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The checks of one backend, one after another. Confined to the control thread. */
final class BackendCheck {
    /*
     * scheduled ─▶ waiting for a slot ─▶ on a health thread ──▶ returned                the result counts
     *                                                       └─ timeout ─▶ interrupted    failed; what comes later is
     *                                                                                     dropped
     *
     * What comes next is in fields (`nextAt`, `timeoutAt`, `out`), which are set first and need no memory. The tasks of
     * the control thread that bring it are made afterwards, may be missing and may be too many: each looks whether its
     * time has come. audit() does all that they would have done. The next check begins one interval after this one
     * began, but not before its thread has come back.
     */
    /** A check that could not find out is made again after this, or after the interval if that is shorter. */
    private static final long RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    /** However many connections fail, a backend is checked no sooner than this after its last check began. */
    private static final long SOONEST = TimeUnit.SECONDS.toNanos(1);

    /** A checker that was interrupted, and is wanted again, is not spoken of before this. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    /** A check that began this little after its time counts as begun in time, so that times do not drift apart. */
    private static final long ON_TIME = TimeUnit.MILLISECONDS.toNanos(5);

    private final HealthMonitor monitor;
    private final Rhythm rhythm;
    private final CheckedBackend backend;
    private final CompletableFuture<Void> first = new CompletableFuture<>();
    private final Runnable dueIfTime = this::dueIfTime;
    private final Runnable timeoutIfTime = this::timeoutIfTime;

    private double part = 1;

    private Health health;
    private boolean removed;
    private long beganAt;
    private long startedAt;

    /** Whether its checks have the place in the interval that keeps them apart from those of others. */
    private boolean isSpread;

    private boolean lookedAgain;

    /** The one that was given more time, because its timeout came late: what it finds is what it saw before that. */
    private @Nullable Attempt extended;

    private boolean isScheduled;
    private long nextAt;
    private boolean waiting;

    /** Whose thread has not come back; its result counts while it is under way. */
    private @Nullable Attempt out;

    private boolean underWay;
    private Slots.Kind slot = Slots.Kind.NEW;
    private long timeoutAt;
    private boolean timedOut;
    private boolean dueWhenBack;
    private boolean reportedStuck;
    private boolean owesReport;
    private @Nullable BackendCheck nextLeaving;

    BackendCheck(HealthMonitor monitor, CheckedBackend backend, Health initial) {
        this.monitor = monitor;
        rhythm = monitor.rhythm();
        this.backend = backend;
        this.health = initial;
    }

    Backend backend() {
        return backend.backend();
    }

    /** Completes when a first check has ended. */
    CompletableFuture<Void> first() {
        return first;
    }

    /** What its last check lets expect of the next. */
    Slots.Kind kind() {
        if (timedOut) {
            return Slots.Kind.SUSPECT;
        }
        return health.last() == null ? Slots.Kind.NEW : Slots.Kind.PROVEN;
    }

    /** Whether it has a thread that has not come back. */
    boolean isOut() {
        return out != null;
    }

    void nextLeaving(@Nullable BackendCheck next) {
        nextLeaving = next;
    }

    @Nullable
    BackendCheck nextLeaving() {
        return nextLeaving;
    }

    /** Whether it still wants the slot it waits for. */
    boolean isWaiting() {
        return waiting && !removed;
    }

    void remove() {
        removed = true;
        monitor.changed(health.up(), false);
        Attempt current = out;
        if (underWay && current != null) {
            giveUp(current);
        }
        first.complete(null);
    }

    /** The intervals of the new policy count from now on. */
    void policyChanged() {
        isSpread = false;
        if (isScheduled) {
            scheduleNext();
        }
    }

    /** For the first time. */
    void start() {
        part = rhythm.nextPart();
        monitor.changed(false, health.up());
        beginAtOnce();
    }

    private void beginAtOnce() {
        scheduleAt(monitor.now());
    }

    /** As soon as may be, if nothing is under way or sooner due. */
    void beginSoon() {
        long at = Math.max(0, beganAt + SOONEST - monitor.now()) + monitor.now();
        if (isScheduled && at - nextAt < 0) {
            isSpread = false;
            scheduleAt(at);
        }
    }

    /** After a check that found out something, or when there are other intervals. */
    private void scheduleNext() {
        long interval = rhythm.interval(health);
        boolean isUsual = rhythm.isUsual(interval);
        double wait = isUsual && !isSpread ? part : 1;
        isSpread = isUsual;
        scheduleAt(rhythm.after(beganAt, interval, wait));
    }

    private void scheduleAt(long at) {
        long now = monitor.now();
        isScheduled = true;
        nextAt = at - now > 0 ? at : now;
        monitor.later(dueIfTime, nextAt - now);
    }

    /** Makes the steps whose time has come, and that nobody has made. */
    void audit() {
        Attempt attempt = out;
        if (attempt != null && attempt.isBack()) {
            returned(attempt);
        }
        timeoutIfTime();
        dueIfTime();
        if (owesReport) {
            report();
        }
    }

    private void dueIfTime() {
        if (removed || !isScheduled || monitor.now() - nextAt < 0) {
            return;
        }
        rhythm.runs(nextAt);
        if (out == null) {
            monitor.slots().enqueue(this);
            isScheduled = false;
            waiting = true;
            monitor.slots().fill();
        } else if (monitor.now() - timeoutAt < PATIENCE) {
            dueWhenBack = true;
            scheduleAt(timeoutAt + PATIENCE);
        } else {
            stillOut(monitor.now() - timeoutAt);
        }
    }

    /** It was to be checked again, and its thread has not come back from the last time: as good as one more that failed. */
    private void stillOut(long late) {
        dueWhenBack = true;
        scheduleAt(rhythm.after(monitor.now(), rhythm.interval(health), 1));
        if (!reportedStuck) {
            reportedStuck = true;
            monitor.reportStuck(backend, late);
        }
        if (health.up()) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(late);
            become(health.failed(
                    "did not return within " + seconds + " s after its timeout", beganAt, late, monitor.policy()));
            report();
        }
    }

    /** It has its slot. */
    void begin(Slots.Kind kind) {
        waiting = false;
        underWay = true;
        reportedStuck = false;
        slot = kind;
        out = null;
        try {
            long now = monitor.now();
            beganAt = now - nextAt < ON_TIME ? nextAt : now;
            HealthCheckPolicy policy = monitor.policy();
            startedAt = now;
            timeoutAt = now + policy.timeout().toNanos();
            Attempt next = new Attempt(monitor, this, policy);
            out = next;
            next.begin();
            monitor.later(timeoutIfTime, timeoutAt - now);
        } catch (Throwable noThread) {
            cannotBegin();
        }
    }

    private void cannotBegin() {
        Attempt attempt = out;
        if (attempt == null || attempt.callOff()) {
            tryAgain();
        }
    }

    /** The thread has come back. Called more than once when the audit was quicker. */
    void returned(Attempt back) {
        if (back != out) {
            return;
        }
        if (underWay && (back.isInconclusive() || (back.hasFailed() && (looksAgain() || back == extended)))) {
            tryAgain();
        } else if (underWay) {
            ended(back);
        } else {
            out = null;
            monitor.slots().release();
            if (dueWhenBack && !removed) {
                dueWhenBack = false;
                beginAtOnce();
            }
        }
    }

    private void timeoutIfTime() {
        Attempt late = out;
        if (!underWay || late == null || monitor.now() - timeoutAt < 0) {
            return;
        }
        rhythm.runs(timeoutAt);
        if (late.isBack()) {
            // In time, but for its message.
            returned(late);
        } else if (late.callOff()) {
            // No thread had time for it: that says nothing of the backend.
            tryAgain();
        } else if (late.begunAt() + late.policy().timeout().toNanos() - monitor.now() > 0) {
            timeoutAt(late.begunAt() + late.policy().timeout().toNanos());
        } else if (looksAgain()) {
            extended = late;
            timeoutAt(monitor.now() + late.policy().timeout().toNanos());
        } else {
            ended(late);
        }
    }

    private void timeoutAt(long at) {
        timeoutAt = at;
        monitor.later(timeoutIfTime, at - monitor.now());
    }

    /** Whether a failure is looked at once more, because this process did not run while it came about. Not twice. */
    private boolean looksAgain() {
        // The news of a failure may be quicker than any task that is late, when all go on after a stop.
        rhythm.runs(timeoutAt);
        rhythm.runs(monitor.nextAudit());
        boolean again = !lookedAgain && rhythm.wasLateSince(startedAt);
        lookedAgain |= again;
        return again;
    }

    /** The check found out nothing, and its thread has come back or was never there. */
    private void tryAgain() {
        scheduleAgain();
        over();
    }

    private void scheduleAgain() {
        scheduleAt(rhythm.after(monitor.now(), Math.min(RETRY_AFTER, rhythm.interval(health)), 1));
    }

    /** It is under way no more, and has no thread. */
    private void over() {
        underWay = false;
        out = null;
        extended = null;
        monitor.slots().free(slot);
    }

    /** It is under way no more; a thread that has begun with it may not come back for a while, and has its slot. */
    private void giveUp(Attempt late) {
        if (late.callOff()) {
            over();
        } else {
            underWay = false;
            monitor.slots().hold(slot);
            late.interrupt();
        }
    }

    /** It has a result that counts: its own, or that there was none in time. */
    private void ended(Attempt attempt) {
        boolean inTime = attempt.isBack();
        try {
            become(inTime ? after(attempt) : timedOut(attempt));
        } catch (Throwable shortage) {
            scheduleAgain();
            end(attempt);
            return;
        }
        timedOut = !inTime;
        lookedAgain = false;
        // Before anybody is told: whatever fails below, the next check comes.
        scheduleNext();
        end(attempt);
        try {
            report();
        } finally {
            first.complete(null);
        }
    }

    private void become(Health next) {
        boolean wasUp = health.up();
        health = next;
        monitor.changed(wasUp, next.up());
    }

    private void end(Attempt attempt) {
        if (attempt.isBack()) {
            over();
        } else {
            giveUp(attempt);
        }
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

    private void report() {
        try {
            owesReport = false;
            monitor.report(backend, health);
        } catch (VirtualMachineError shortage) {
            owesReport = true;
            throw shortage;
        }
    }
}
