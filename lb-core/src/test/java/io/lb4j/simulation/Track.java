package io.lb4j.simulation;

import java.util.List;
import javax.net.ssl.SSLException;

/** One of the two things that a {@link Speaker} does side by side, act after act. */
abstract class Track {
    final Speaker speaker;
    private final Timeline timeline;
    private final List<Act> acts;
    private int at;
    private boolean pauses;

    /** How much of the act is done. */
    long done;

    Track(Speaker speaker, Timeline timeline, List<Act> acts) {
        this.speaker = speaker;
        this.timeline = timeline;
        this.acts = acts;
    }

    /** Returns whether more can be done at once. */
    final boolean step() throws SSLException {
        if (pauses || isThrough()) {
            return false;
        }
        Act act = acts.get(at);
        return switch (act.kind()) {
            case PAUSE -> {
                pause(act.amount());
                yield false;
            }
            case HOLD -> speaker.isHeldLongEnough() && next();
            default -> play(act);
        };
    }

    /** Returns whether more can be done at once. */
    abstract boolean play(Act act) throws SSLException;

    private void pause(long nanos) {
        pauses = true;
        timeline.after(nanos, () -> {
            pauses = false;
            next();
            speaker.changed();
        });
    }

    final boolean next() {
        at++;
        done = 0;
        return true;
    }

    /** There is nothing more to do. */
    final void leave() {
        at = acts.size();
    }

    final boolean isThrough() {
        return at >= acts.size();
    }

    /** Whether it is at such an act. */
    final boolean isAt(Act.Kind kind) {
        return !isThrough() && !pauses && acts.get(at).kind() == kind;
    }

    @Override
    public String toString() {
        return isThrough() ? "through" : "at " + acts.get(at);
    }
}
