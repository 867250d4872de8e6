package io.lb4j.simulation;

import io.lb4j.internal.util.ControlLoop;

/** Runs a balancer's control thread, task by task, when one is due. */
final class SimControl {
    private final ControlLoop control;
    private final Timeline timeline;
    private final Exits exits;
    private final Verdict verdict;
    private boolean dead;
    private boolean scheduled;
    private long scheduledFor;

    SimControl(ControlLoop control, Timeline timeline, Exits exits, Verdict verdict) {
        this.control = control;
        this.timeline = timeline;
        this.exits = exits;
        this.verdict = verdict;
    }

    /** To be called after every event: anybody can have given the control thread something to do. */
    void look() {
        long nanos = exits.look(() -> Math.min(control.nanosToNext(), control.nanosToAudit()));
        if (dead || nanos == Long.MAX_VALUE) {
            return;
        }
        long at = timeline.getAsLong() + Math.max(0, nanos);
        if (!scheduled || at - scheduledFor < 0) {
            scheduled = true;
            scheduledFor = at;
            timeline.after(Math.max(0, nanos) + timeline.moment(), () -> turn(at));
        }
    }

    private void turn(long at) {
        if (!scheduled || at != scheduledFor) {
            return;
        }
        scheduled = false;
        if (!dead) {
            runWhatIsDue();
        }
    }

    private void runWhatIsDue() {
        try {
            control.auditIfDue();
            if (nanosToNext() <= 0) {
                timeline.note(3);
                control.runOnce();
            }
        } catch (Throwable death) {
            dead = true;
            verdict.require(false, "the control thread died", Exits.trace(death));
        }
    }

    private long nanosToNext() {
        return exits.look(control::nanosToNext);
    }

    /** Whether it has nothing to do any more. */
    boolean hasEnded() {
        return exits.look(() -> Math.min(control.nanosToNext(), control.nanosToAudit())) == Long.MAX_VALUE;
    }
}
