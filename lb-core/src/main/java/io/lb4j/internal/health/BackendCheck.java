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
    private final CheckedBackend backend;
    private final CompletableFuture<Void> first = new CompletableFuture<>();
    private final Runnable dueIfTime = this::dueIfTime;
    private final Runnable timeoutIfTime = this::timeoutIfTime;
    private final Runnable reportIfStuck = this::reportIfStuck;

    private Health health;
    private boolean removed;
    private long beganAt;

    private boolean isScheduled;
    private long nextAt;
    private boolean waiting;

    /** Whose thread has not come back; its result counts while it is under way. */
    private @Nullable Attempt out;

    private boolean underWay;
    private boolean holdsSuspectSlot;
    private long timeoutAt;
    private boolean timedOut;
    private boolean dueWhenBack;
    private boolean owesReport;

    BackendCheck(HealthMonitor monitor, CheckedBackend backend, Health initial) {
        this.monitor = monitor;
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

    /** Whether its last check timed out. */
    boolean isSuspect() {
        return timedOut;
    }

    /** Whether it still wants the slot it waits for. */
    boolean isWaiting() {
        return waiting && !removed;
    }

    void remove() {
        removed = true;
        Attempt current = out;
        if (underWay && current != null) {
            over();
            current.interrupt();
        }
        first.complete(null);
    }

    /** The intervals of the new policy count from now on. */
    void policyChanged() {
        if (isScheduled) {
            scheduleAt(monitor.oneIntervalAfter(beganAt, interval()));
        }
    }

    void beginAtOnce() {
        scheduleAt(monitor.now());
    }

    /** As soon as may be, if nothing is under way or sooner due. */
    void beginSoon() {
        long at = Math.max(0, beganAt + SOONEST - monitor.now()) + monitor.now();
        if (isScheduled && at - nextAt < 0) {
            scheduleAt(at);
        }
    }

    private void scheduleAt(long at) {
        isScheduled = true;
        nextAt = at;
        monitor.later(dueIfTime, at - monitor.now());
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
        if (out == null) {
            monitor.enqueue(this);
            isScheduled = false;
            waiting = true;
            monitor.fillSlots();
        } else {
            isScheduled = false;
            dueWhenBack = true;
            monitor.later(reportIfStuck, PATIENCE);
        }
    }

    private void reportIfStuck() {
        if (dueWhenBack && !removed) {
            monitor.reportStuck(backend);
        }
    }

    /** It has its slot. */
    void begin(boolean suspectSlot) {
        waiting = false;
        underWay = true;
        holdsSuspectSlot = suspectSlot;
        long now = monitor.now();
        beganAt = now - nextAt < ON_TIME ? nextAt : now;
        HealthCheckPolicy policy = monitor.policy();
        timeoutAt = now + policy.timeout().toNanos();
        try {
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
            out = null;
            tryAgain();
        }
    }

    /** The thread has come back. Called more than once when the audit was quicker. */
    void returned(Attempt back) {
        if (back != out) {
            return;
        }
        out = null;
        if (underWay && back.isInconclusive()) {
            tryAgain();
        } else if (underWay) {
            ended(back, false);
        } else if (dueWhenBack && !removed) {
            dueWhenBack = false;
            beginAtOnce();
        }
    }

    private void timeoutIfTime() {
        Attempt late = out;
        if (!underWay || late == null || monitor.now() - timeoutAt < 0) {
            return;
        }
        if (late.isBack()) {
            // In time, but for its message.
            returned(late);
        } else if (late.callOff()) {
            // No thread had time for it: that says nothing of the backend.
            out = null;
            tryAgain();
        } else if (late.begunAt() + late.policy().timeout().toNanos() - monitor.now() > 0) {
            timeoutAt = late.begunAt() + late.policy().timeout().toNanos();
            monitor.later(timeoutIfTime, timeoutAt - monitor.now());
        } else {
            late.interrupt();
            ended(late, true);
        }
    }

    /** The check found out nothing. */
    private void tryAgain() {
        scheduleAt(monitor.oneIntervalAfter(monitor.now(), Math.min(RETRY_AFTER, interval())));
        over();
    }

    private void over() {
        underWay = false;
        monitor.ended(holdsSuspectSlot);
    }

    /** It has a result that counts. */
    private void ended(Attempt attempt, boolean byTimeout) {
        try {
            health = byTimeout ? timedOut(attempt) : health.after(attempt.failure(), attempt.took(), monitor.policy());
        } catch (Throwable shortage) {
            tryAgain();
            return;
        }
        timedOut = byTimeout;
        // Before anybody is told: whatever fails below, the next check comes.
        scheduleAt(monitor.oneIntervalAfter(beganAt, interval()));
        over();
        try {
            report();
        } finally {
            first.complete(null);
        }
    }

    private Health timedOut(Attempt attempt) {
        Duration timeout = attempt.policy().timeout();
        return health.after("timed out after " + timeout.toMillis() + " ms", timeout.toNanos(), monitor.policy());
    }

    private void report() {
        try {
            owesReport = false;
            monitor.report(backend, health);
        } catch (OutOfMemoryError shortage) {
            owesReport = true;
            throw shortage;
        }
    }

    /** From the begin of the last check to that of the next. */
    private long interval() {
        HealthCheckPolicy policy = monitor.policy();
        Duration usual =
                health.up() ? policy.interval() : policy.intervalWhileDown().orElse(policy.interval());
        return (health.isInTransition() ? policy.intervalInTransition().orElse(usual) : usual).toNanos();
    }
}
