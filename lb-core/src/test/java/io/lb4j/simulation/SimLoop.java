package io.lb4j.simulation;

import io.lb4j.internal.util.SteppedTask;
import java.util.concurrent.TimeUnit;

/** Runs one event loop of the engine, turn by turn, when it has something to do. */
final class SimLoop {
    /** Turns in a row in which keys were ready and nothing came of it. */
    private static final int SPIN = 8;

    /** Turns in a row in which nothing was ready, nothing was done, and the loop did not wait. */
    private static final int BUSY = 64;

    /** Turns in a row that only waited for next to no time. */
    private static final int RESTLESS = 2000;

    private static final long NEXT_TO_NO_TIME = TimeUnit.MILLISECONDS.toNanos(2);

    private final SteppedTask task;
    private final SimNet net;
    private final Verdict verdict;
    private final Runnable afterTurn;
    private SimSelector selector;
    private boolean turnScheduled;
    private boolean ended;
    private int waits;
    private long waitsAt;
    private long waitNumber;
    private int turnsWithoutProgress;
    private int busyTurns;
    private int restlessTurns;
    private int turnsWithoutSelect;

    SimLoop(SteppedTask task, SimNet net, Verdict verdict, Runnable afterTurn) {
        this.task = task;
        this.net = net;
        this.verdict = verdict;
        this.afterTurn = afterTurn;
    }

    /** Something has happened that the loop's select would not sleep through. */
    void wake() {
        waits = 0;
        turnSoon();
    }

    private void turnSoon() {
        if (!turnScheduled && !ended) {
            turnScheduled = true;
            net.timeline.after(net.timeline.moment(), this::turn);
        }
    }

    private void turn() {
        turnScheduled = false;
        long before = net.progress();
        net.timeline.note(2);
        net.turnBegins();
        ended = !runOnce();
        long progress = net.progress() - before;
        SimSelector asked = net.lastSelected();
        if (asked != null) {
            selector = asked;
            selector.waker(this::wake);
        }
        if (asked != null && asked.isOpen()) {
            turnsWithoutSelect = 0;
            lookForSpin(progress);
            waitOrGoOn(progress);
        } else {
            // It could not select, or has changed to another selector since.
            verdict.require(++turnsWithoutSelect < BUSY, "a loop turns without a select", task);
            turnSoon();
        }
        afterTurn.run();
    }

    private boolean runOnce() {
        try {
            return task.runOnce();
        } catch (Throwable death) {
            verdict.require(false, "the thread of a loop died", Exits.trace(death));
            return false;
        }
    }

    private void lookForSpin(long progress) {
        boolean inVain = selector.hasKeyInVain() || (selector.selected() > 0 && selector.honest());
        turnsWithoutProgress = inVain && progress == 0 ? turnsWithoutProgress + 1 : 0;
        verdict.require(turnsWithoutProgress < SPIN, "a loop spins on keys that it does nothing about", selector);
        busyTurns = progress == 0 && !selector.waited() && selector.honest() ? busyTurns + 1 : 0;
        verdict.require(busyTurns < BUSY, "a loop turns for nothing without waiting", selector);
        boolean tooLate = selector.waited() && selector.waitNanos() > NEXT_TO_NO_TIME && progress > 0;
        verdict.require(!tooLate, "does after a wait what it should have done before", selector);
        boolean restless = progress == 0 && selector.waited() && selector.waitNanos() <= NEXT_TO_NO_TIME;
        restlessTurns = restless ? restlessTurns + 1 : 0;
        verdict.require(restlessTurns < RESTLESS, "a loop wakes up again and again for nothing", selector);
    }

    /** Only the second wait of a moment counts: what comes after the select of the first can be something to do. */
    private void waitOrGoOn(long progress) {
        long now = net.timeline.getAsLong();
        waits = now == waitsAt ? waits : 0;
        waitsAt = now;
        waits = selector.waited() && progress == 0 && !selector.isReady() ? waits + 1 : 0;
        if (waits < 2) {
            turnSoon();
        } else if (selector.waitNanos() != Long.MAX_VALUE) {
            long wait = ++waitNumber;
            net.timeline.after(selector.waitNanos(), () -> {
                if (wait == waitNumber && waits >= 2) {
                    wake();
                }
            });
        }
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether it waits for something to happen, however long that takes: it has no deadline. */
    boolean waitsForEver() {
        return ended || (isIdle() && selector != null && selector.waitNanos() == Long.MAX_VALUE);
    }

    /** Whether it waits for something to happen. */
    boolean isIdle() {
        return ended || (waits >= 2 && !turnScheduled);
    }
}
