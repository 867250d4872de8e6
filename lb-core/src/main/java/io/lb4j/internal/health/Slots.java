package io.lb4j.internal.health;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** Which checks that are due may begin: there is a thread for each, and a bound on threads. For the control thread. */
final class Slots {
    /*
     * A slot stands for a thread: it is taken when a check begins, and free when its thread has come back, however long
     * after the timeout that is. Checks that do not come back would end all checking, one slot after another. So those
     * of which nobody knows that they come back (never checked, or timed out the last time) share three quarters with
     * those that have not come back; the last quarter is for those that have always come back. And those that timed out
     * the last time have no more than a quarter, so that they delay only each other.
     */
    /** What the last check of a backend lets expect of the next. */
    enum Kind {
        /** It came back in time. */
        PROVEN,
        /** There was none. */
        NEW,
        /** It timed out. */
        SUSPECT
    }

    private final List<Queue<BackendCheck>> waiting = Stream.<Queue<BackendCheck>>generate(ConcurrentLinkedQueue::new)
            .limit(Kind.values().length)
            .toList();
    private final int[] running = new int[Kind.values().length];
    private int held;
    private int most = 1;
    private boolean filling;

    void limit(int slots) {
        most = slots;
    }

    /** This check is due: it is the next, or waits behind others. */
    void enqueue(BackendCheck check) {
        queue(check.kind()).add(check);
    }

    /** A check has come back, or has never begun. */
    void free(Kind kind) {
        running[kind.ordinal()]--;
        fill();
    }

    /** A check has timed out, or is not wanted any more, and its thread has not come back. */
    void hold(Kind kind) {
        held++;
        free(kind);
    }

    /** The thread of such a check has come back. */
    void release() {
        held--;
        fill();
    }

    void fill() {
        // A check that cannot begin has ended: it comes back here, and must not begin the next one from inside.
        if (filling) {
            return;
        }
        filling = true;
        try {
            begin(Kind.PROVEN, most);
            begin(Kind.NEW, most);
            begin(Kind.SUSPECT, Math.max(1, most / 4));
        } finally {
            filling = false;
        }
    }

    private void begin(Kind kind, int atMost) {
        Queue<BackendCheck> queue = queue(kind);
        while (!queue.isEmpty() && running[kind.ordinal()] < atMost && hasRoomFor(kind)) {
            BackendCheck check = queue.remove();
            if (check.isWaiting()) {
                running[kind.ordinal()]++;
                check.begin(kind);
            }
        }
    }

    private boolean hasRoomFor(Kind kind) {
        int doubtful = running[Kind.NEW.ordinal()] + running[Kind.SUSPECT.ordinal()] + held;
        return doubtful + running[Kind.PROVEN.ordinal()] < most && (kind == Kind.PROVEN || doubtful < doubtfulMost());
    }

    private int doubtfulMost() {
        return Math.max(1, most * 3 / 4);
    }

    private Queue<BackendCheck> queue(Kind kind) {
        return waiting.get(kind.ordinal());
    }

    /** Slots of checks whose time is over and whose threads have not come back. */
    int held() {
        return held;
    }

    /** How many wait for no other reason than that threads do not come back. */
    int starving() {
        int doubtful = queue(Kind.NEW).size() + queue(Kind.SUSPECT).size();
        return held >= most ? doubtful + queue(Kind.PROVEN).size() : held >= doubtfulMost() ? doubtful : 0;
    }
}
