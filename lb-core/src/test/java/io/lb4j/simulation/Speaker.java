package io.lb4j.simulation;

import io.lb4j.simulation.HearingTrack.End;
import io.lb4j.simulation.TlsPlan.Manner;
import io.lb4j.simulation.TlsPlan.Side;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * A client or a backend that plays its script, plain or over TLS. When its handshake is through, what it says and what it
 * hears go on side by side; when both are over, it closes.
 */
final class Speaker implements TcpEnd.Watcher, SimNet.ConnectAttempt {
    private static final long HOLD = TimeUnit.HOURS.toNanos(12);

    private final Timeline timeline;
    private final Verdict verdict;
    private final Side plan;
    private final Speech speech;
    private final SayingTrack says;
    private final HearingTrack hears;
    private final Shaking shaking;
    private TcpEnd end;

    private boolean holds;
    private boolean gaveUp;
    private boolean stepScheduled;
    private boolean finished;
    private boolean takesNothing;
    private boolean aborted;
    private boolean onlyAnswered;

    Speaker(Timeline timeline, Verdict verdict, Side plan, Speech speech) {
        this.timeline = timeline;
        this.verdict = verdict;
        this.plan = plan;
        this.speech = speech;
        says = new SayingTrack(this, timeline, plan, speech);
        hears = new HearingTrack(this, timeline, plan, speech);
        shaking = new Shaking(this, plan, speech);
    }

    /** Connected: the script begins. */
    @Override
    public void established(TcpEnd connected) {
        end = connected;
        connected.watch(this);
        try {
            speech.begin();
        } catch (SSLException impossible) {
            throw new AssertionError(impossible);
        }
        changed();
    }

    /** Was never connected: there is nothing to do. */
    @Override
    public void refused() {
        finished = true;
        hears.saw(End.CUT, "refused");
    }

    @Override
    public void changed() {
        if (!stepScheduled && !finished && end != null) {
            stepScheduled = true;
            timeline.after(timeline.moment(), this::step);
        }
    }

    private void step() {
        stepScheduled = false;
        if (finished) {
            return;
        }
        boolean again = false;
        try {
            again = send();
            again |= speech.isThrough() ? play() : shaking.step();
            again |= !finished && send();
        } catch (SSLException failure) {
            failed(failure);
            again = true;
        }
        if (!finished && says.isThrough() && hears.isThrough() && (speech.isSent() || takesNothing)) {
            close(false);
        } else if (again) {
            changed();
        }
    }

    private boolean play() throws SSLException {
        boolean again = says.step();
        return (!finished && hears.step()) | again;
    }

    /** What was heard is an alert, or no TLS. */
    private void failed(SSLException failure) {
        boolean expected = plan.manner() != Manner.GOOD
                || plan.isWrong()
                || String.valueOf(failure.getMessage()).contains("fatal alert");
        verdict.require(expected, "a peer hears what it should not", failure + " " + this);
        hears.saw(End.CUT, "alert");
        speech.sayWhy();
        leave();
    }

    private boolean send() {
        if (takesNothing) {
            return false;
        }
        try {
            int sent = speech.send(end, shaking.most());
            shaking.sent(sent);
            return sent > 0;
        } catch (IOException failure) {
            // Who cannot write does not go on with its script; it only looks what there is to read.
            if (!"Broken pipe".equals(failure.getMessage())) {
                hears.saw(End.CUT, "reset");
            }
            takesNothing = true;
            speech.dropUnsent();
            says.leave();
            return true;
        }
    }

    // ---- what its tracks ask and say

    TcpEnd end() {
        return end;
    }

    /** There is nothing more to do. */
    void leave() {
        says.leave();
        hears.leave();
    }

    /** The connection is over before its script has begun. */
    boolean lost(String what) {
        hears.saw(End.CUT, what);
        takesNothing = true;
        leave();
        return true;
    }

    /** An end that waits for its peer for ever would be dropped by the peer's kernel: nobody holds on that long. */
    boolean isHeldLongEnough() {
        if (!holds) {
            holds = true;
            timeline.after(HOLD, () -> {
                gaveUp = true;
                changed();
            });
        }
        return gaveUp || end.isOver();
    }

    boolean hasHeardAll() {
        return hears.isThrough();
    }

    /** Within TLS it says that nothing follows. */
    void canceled() {
        says.ended();
    }

    /** Within TLS nothing follows; in TLS 1.2 its engine has answered. */
    void notified() {
        if (speech.isTls12()) {
            onlyAnswered = says.endedAt() >= 0;
            if (!end.isFinQueued()) {
                says.ended();
            }
        }
    }

    void endStream() {
        end.shutdownOutput();
        if (plan.isBareEndClean() && !says.isCut() && !takesNothing) {
            says.ended();
        }
    }

    void close(boolean reset) {
        finished = true;
        aborted = reset || end.hasUnread();
        if (!aborted) {
            endStream();
        }
        end.close(reset);
    }

    // ---- for oracles

    Side plan() {
        return plan;
    }

    Speech speech() {
        return speech;
    }

    boolean isFinished() {
        return finished;
    }

    /** Reads, and has nothing to read. */
    boolean isListening() {
        boolean reads = hears.isAt(Act.Kind.READ_TO_END) || hears.isAt(Act.Kind.READ);
        return !finished && reads && !stepScheduled && !end.hasUnread() && speech.isThrough();
    }

    /** After how many bytes of its handshake it did not want to go on, -1 when it did. */
    long canceledAt() {
        return shaking.canceledAt();
    }

    /** When it began with what must not be. */
    long wrongSince() {
        return says.wrongSince();
    }

    /** After how many bytes it ended its stream as it has to, -1 when it did not. */
    long endedAt() {
        return says.endedAt();
    }

    End seen() {
        return hears.seen();
    }

    String how() {
        return hears.how();
    }

    /** Who ends TLS for both directions is answered at once, whatever the other side still has to say. */
    boolean isOnlyAnswered() {
        return onlyAnswered || canceledAt() >= 0;
    }

    @Override
    public String toString() {
        return speech + (endedAt() < 0 ? "" : ", ended at " + endedAt()) + (aborted ? ", aborted" : "") + ", saw "
                + seen() + " " + how()
                + (finished ? "" : ", not finished: says " + says + ", hears " + hears + ", " + end);
    }
}
