package io.lb4j.simulation;

import io.lb4j.internal.util.ControlLoop;

/** Runs a balancer's control thread, task by task, when one is due. */
final class SimControl {
    private final ControlLoop control;
    private final Timeline timeline;
    private boolean scheduled;
    private long scheduledFor;

    SimControl(ControlLoop control, Timeline timeline) {
        this.control = control;
        this.timeline = timeline;
    }

    /** To be called after every event: anybody can have given the control thread something to do. */
    void look() {
        long nanos = Math.min(control.nanosToNext(), control.nanosToAudit());
        if (nanos == Long.MAX_VALUE) {
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
        control.auditIfDue();
        if (control.nanosToNext() <= 0) {
            timeline.note(3);
            control.runOnce();
        }
    }
}
