package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
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
     * What comes next is in fields (of `next` and `out`), which are set first and need no memory. The tasks of the control
     * thread that bring it are made afterwards, may be missing and may be too many: each looks whether its time has come.
     * audit() does all that they would have done. The next check begins one interval after this one began, but not before
     * its thread has come back.
     */
    /** A checker that was interrupted, and is wanted again, is not spoken of before this. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    private final HealthMonitor monitor;
    private final Finding finding;
    private final NextCheck next;
    private final CompletableFuture<Void> first = new CompletableFuture<>();
    private final Runnable timeoutIfTime = this::timeoutIfTime;

    /** Link of the list of those that were removed, which {@link Roster} owns. */
    @Nullable
    BackendCheck nextLeaving;

    private boolean removed;
    private boolean waiting;

    /** Whose thread has not come back; its result counts while it is under way. */
    private @Nullable Attempt out;

    private boolean underWay;
    private Slots.Kind slot = Slots.Kind.NEW;
    private boolean dueWhenBack;

    BackendCheck(HealthMonitor monitor, CheckedBackend backend, Health initial) {
        this.monitor = monitor;
        finding = new Finding(monitor, backend, initial);
        next = new NextCheck(monitor, this::dueIfTime);
    }

    Backend backend() {
        return finding.backend();
    }

    /** Completes when a first check has ended. */
    CompletableFuture<Void> first() {
        return first;
    }

    Slots.Kind kind() {
        return finding.kind();
    }

    /** Whether it has a thread that has not come back. */
    boolean isOut() {
        return out != null;
    }

    /** Whether it still wants the slot it waits for. */
    boolean isWaiting() {
        return waiting && !removed;
    }

    void remove() {
        removed = true;
        finding.countsNoMore();
        Attempt current = out;
        if (underWay && current != null) {
            giveUp(current);
        }
        first.complete(null);
    }

    void policyChanged() {
        next.policyChanged(finding.health());
    }

    /** For the first time. */
    void start() {
        next.takePart();
        finding.counts();
        next.atOnce();
    }

    /** As soon as may be, if nothing is under way or sooner due. */
    void beginSoon() {
        next.soon();
    }

    /** Makes the steps whose time has come, and that nobody has made. */
    void audit() {
        Attempt attempt = out;
        if (attempt != null && attempt.isBack()) {
            returned(attempt);
        }
        timeoutIfTime();
        dueIfTime();
        finding.reportOwed();
    }

    private void dueIfTime() {
        if (removed || !next.hasCome(!waiting && out == null)) {
            return;
        }
        Attempt last = out;
        if (last == null) {
            monitor.slots().enqueue(this);
            next.taken();
            waiting = true;
            monitor.slots().fill();
        } else {
            dueWhenBack = true;
            stillOut(last, monitor.now() - last.timeoutAt());
        }
    }

    /** It was to be checked again, and its thread has not come back from the last time: as good as one more that failed. */
    private void stillOut(Attempt last, long late) {
        if (late < PATIENCE) {
            next.at(last.timeoutAt() + PATIENCE);
            return;
        }
        next.afterInterval(finding.health());
        if (last.sticks()) {
            monitor.log().stuck(backend(), late);
        }
        finding.stillOut(next.beganAt(), late);
    }

    /** It has its slot. */
    void begin(Slots.Kind kind) {
        waiting = false;
        underWay = true;
        slot = kind;
        out = null;
        try {
            long now = monitor.now();
            next.begins(now);
            Attempt attempt = new Attempt(monitor, this, now);
            out = attempt;
            attempt.begin();
            monitor.later(timeoutIfTime, attempt.timeoutAt() - now);
        } catch (Throwable noThread) {
            if (out == null || out.callOff()) {
                tryAgain();
            }
        }
    }

    /** The thread has come back. Called more than once when the audit was quicker. */
    void returned(Attempt back) {
        if (back != out) {
            return;
        }
        if (underWay
                && (back.isInconclusive() || (back.hasFailed() && (finding.isDoubtful(back) || back.isExtended())))) {
            tryAgain();
        } else if (underWay) {
            ended(back);
        } else {
            out = null;
            monitor.slots().release();
            if (dueWhenBack && !removed) {
                dueWhenBack = false;
                next.atOnce();
            }
        }
    }

    private void timeoutIfTime() {
        Attempt late = out;
        if (!underWay || late == null || monitor.now() - late.timeoutAt() < 0) {
            return;
        }
        monitor.rhythm().runs(late.timeoutAt());
        if (late.isBack()) {
            // In time, but for its message.
            returned(late);
        } else if (late.callOff()) {
            // No thread had time for it: that says nothing of the backend.
            tryAgain();
        } else if (late.wasBegunLate(monitor.now())) {
            monitor.later(timeoutIfTime, late.timeoutAt() - monitor.now());
        } else if (finding.isDoubtful(late)) {
            late.extend(monitor.now());
            monitor.later(timeoutIfTime, late.timeoutAt() - monitor.now());
        } else {
            ended(late);
        }
    }

    /** The check found out nothing, and its thread has come back or was never there. */
    private void tryAgain() {
        over();
        next.again(finding.health());
    }

    /** It is under way no more, and has no thread. */
    private void over() {
        underWay = false;
        out = null;
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
        try {
            finding.ended(attempt);
        } catch (Throwable shortage) {
            next.again(finding.health());
            end(attempt);
            return;
        }
        // Before anybody is told: whatever fails below, the next check comes.
        next.regularly(finding.health());
        end(attempt);
        try {
            finding.report();
        } finally {
            first.complete(null);
        }
    }

    private void end(Attempt attempt) {
        if (attempt.isBack()) {
            over();
        } else {
            giveUp(attempt);
        }
    }
}
