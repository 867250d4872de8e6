package io.lb4j.simulation;

import io.lb4j.simulation.TlsPlan.Manner;
import io.lb4j.simulation.TlsPlan.Side;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A client or a backend that plays its script, plain or over TLS. */
final class Speaker implements TcpEnd.Watcher, SimNet.ConnectAttempt {
    /** How the other side's stream ended, as this one saw it. */
    enum End {
        /** Not at all: it did not look, or closed first. */
        UNSEEN,
        /** As a stream of its kind has to end. */
        CLEAN,
        /** Cut off. */
        CUT
    }

    private static final long HOLD = TimeUnit.HOURS.toNanos(12);
    private static final int MOST = 1 << 18;
    private static final int MOST_RECORDS = 6;

    private final Timeline timeline;
    private final Verdict verdict;
    private final Side plan;
    private final Speech speech;
    private TcpEnd end;

    private int writerAt;
    private int readerAt;
    private long doneOfWriterAct;
    private long doneOfReaderAct;
    private boolean writerPauses;
    private boolean readerPauses;
    private boolean holds;
    private boolean gaveUp;
    private boolean stepScheduled;
    private boolean finished;
    private boolean takesNothing;
    private boolean mute;
    private long handshakeSent;

    private long endedAt = -1;
    private boolean hasCut;
    private boolean aborted;
    private End seen = End.UNSEEN;
    private String how = "";
    private boolean hadEndedBefore;

    Speaker(Timeline timeline, Verdict verdict, Side plan, Speech speech) {
        this.timeline = timeline;
        this.verdict = verdict;
        this.plan = plan;
        this.speech = speech;
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
        saw(End.CUT, "refused");
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
            again |= speech.isThrough() ? play() : shake();
            again |= !finished && send();
        } catch (SSLException failure) {
            failed(failure);
            again = true;
        }
        if (!finished && isThroughWithIt()) {
            close(false);
        } else if (again) {
            changed();
        }
    }

    private boolean isThroughWithIt() {
        return writerAt >= plan.script().writer().size()
                && readerAt >= plan.script().reader().size()
                && (speech.isSent() || takesNothing);
    }

    private boolean play() throws SSLException {
        boolean again = stepWriter();
        return (!finished && stepReader()) | again;
    }

    /** What was heard is an alert, or no TLS. */
    private void failed(SSLException failure) {
        boolean expected = plan.manner() != Manner.GOOD
                || plan.isWrong()
                || String.valueOf(failure.getMessage()).contains("fatal alert");
        verdict.require(expected, "a peer hears what it should not", failure + " " + this);
        saw(End.CUT, "alert");
        speech.sayWhy();
        writerAt = plan.script().writer().size();
        readerAt = plan.script().reader().size();
    }

    private boolean send() {
        if (takesNothing) {
            return false;
        }
        boolean isLimited = !speech.isThrough() && plan.manner().isHalf();
        long most = isLimited ? plan.mannerAfter() - handshakeSent : Integer.MAX_VALUE;
        try {
            int sent = speech.send(end, (int) most);
            handshakeSent += sent;
            return sent > 0;
        } catch (IOException failure) {
            // Who cannot write does not go on with its script; it only looks what there is to read.
            if (!"Broken pipe".equals(failure.getMessage())) {
                saw(End.CUT, "reset");
            }
            takesNothing = true;
            speech.dropUnsent();
            writerAt = plan.script().writer().size();
            return true;
        }
    }

    // ---- the handshake

    private boolean shake() throws SSLException {
        if (plan.manner().isHalf() && handshakeSent >= plan.mannerAfter()) {
            return beMute();
        }
        if (speech.shake()) {
            return true;
        }
        int heard;
        try {
            heard = speech.read(end, MOST);
        } catch (IOException reset) {
            return lost("reset in the handshake");
        }
        return heard < 0 ? lost("end in the handshake") : heard > 0;
    }

    private boolean lost(String what) {
        saw(End.CUT, what);
        writerAt = plan.script().writer().size();
        readerAt = plan.script().reader().size();
        takesNothing = true;
        return true;
    }

    /** It says no more of its handshake. */
    private boolean beMute() {
        if (!mute) {
            mute = true;
            speech.dropUnsent();
            switch (plan.manner()) {
                case GARBAGE -> speech.sayNoise();
                case FIN -> end.shutdownOutput();
                case RESET -> {
                    close(true);
                    return false;
                }
                default -> {}
            }
            sendNoise();
        }
        int read;
        try {
            read = speech.read(end, MOST);
            speech.forget();
        } catch (IOException reset) {
            return lost("reset");
        }
        return read < 0 || isHeldLongEnough() ? lost("end") : read > 0;
    }

    private void sendNoise() {
        try {
            speech.send(end, MOST);
        } catch (IOException lost) {
            // A read will say so.
        }
        speech.dropUnsent();
    }

    // ---- writing

    /** Returns whether more can be done at once. */
    private boolean stepWriter() throws SSLException {
        if (writerPauses || writerAt >= plan.script().writer().size() || !speech.isSent()) {
            return false;
        }
        if (!speech.canSay()) {
            ended();
            writerAt = plan.script().writer().size();
            return true;
        }
        Act act = plan.script().writer().get(writerAt);
        switch (act.kind()) {
            case SEND -> {
                return say(act.amount());
            }
            case EMPTY -> {
                speech.sayNothing();
                return ++doneOfWriterAct < act.amount() || writerDone();
            }
            case KEY_UPDATE -> speech.updateKeys(act.amount() > 0);
            case PAUSE -> {
                pauseWriter(act.amount());
                return false;
            }
            case AWAIT_BYTES -> {
                return (speech.heard() >= act.amount() || isReaderThrough()) && writerDone();
            }
            case AWAIT_READER -> {
                return isReaderThrough() && writerDone();
            }
            case HOLD -> {
                return isHeldLongEnough() && writerDone();
            }
            case FIN, NOTIFY -> {
                return endCleanly(act.kind() == Act.Kind.FIN);
            }
            case BARE_FIN -> endStream();
            case CUT_RECORD -> {
                hasCut = true;
                return doneOfWriterAct++ == 0 ? sayWrong(true) : endStream();
            }
            case BROKEN -> {
                return sayWrong(false) && writerDone();
            }
            case GARBAGE -> speech.sayNoise();
            case RENEGOTIATE -> speech.renegotiate();
            case RESET, CLOSE -> {
                close(act.kind() == Act.Kind.RESET);
                return false;
            }
            default -> throw new IllegalStateException("writer: " + act);
        }
        return writerDone();
    }

    private boolean sayWrong(boolean isCut) throws SSLException {
        speech.sayWrong(isCut);
        return true;
    }

    private boolean say(long amount) throws SSLException {
        int records = speech.isTls() ? timeline.between(1, MOST_RECORDS) : 1;
        for (int i = 0; i < records && doneOfWriterAct < amount; i++) {
            int largest = plan.record() == 0 ? MOST : plan.record();
            int size = timeline.oneIn(2) ? largest : timeline.between(1, largest);
            doneOfWriterAct += speech.say(amount - doneOfWriterAct, size);
        }
        return doneOfWriterAct < amount || writerDone();
    }

    private void pauseWriter(long nanos) {
        writerPauses = true;
        timeline.after(nanos, () -> {
            writerPauses = false;
            writerDone();
            changed();
        });
    }

    private boolean isReaderThrough() {
        return readerAt >= plan.script().reader().size();
    }

    private boolean writerDone() {
        writerAt++;
        doneOfWriterAct = 0;
        return true;
    }

    private boolean endCleanly(boolean withStream) throws SSLException {
        if (doneOfWriterAct++ == 0) {
            speech.sayEnd();
            ended();
            return true;
        }
        return withStream || !speech.isTls() ? endStream() : writerDone();
    }

    /** It has said that nothing follows. */
    private void ended() {
        if (endedAt < 0) {
            endedAt = speech.said();
        }
    }

    private boolean endStream() {
        end.shutdownOutput();
        if (plan.isBareEndClean() && !hasCut && !takesNothing) {
            ended();
        }
        return writerDone();
    }

    // ---- reading

    private boolean stepReader() throws SSLException {
        if (readerPauses || isReaderThrough()) {
            return false;
        }
        Act act = plan.script().reader().get(readerAt);
        switch (act.kind()) {
            case READ -> {
                return read(act.amount() - doneOfReaderAct);
            }
            case READ_TO_END -> {
                return read(Long.MAX_VALUE);
            }
            case PAUSE -> {
                readerPauses = true;
                timeline.after(act.amount(), () -> {
                    readerPauses = false;
                    readerDone();
                    changed();
                });
                return false;
            }
            case HOLD -> {
                return isHeldLongEnough() && readerDone();
            }
            default -> throw new IllegalStateException("reader: " + act);
        }
    }

    /** An end that waits for its peer for ever would be dropped by the peer's kernel: nobody holds on that long. */
    private boolean isHeldLongEnough() {
        if (!holds) {
            holds = true;
            timeline.after(HOLD, () -> {
                gaveUp = true;
                changed();
            });
        }
        return gaveUp || end.isOver();
    }

    private boolean read(long left) throws SSLException {
        if (left <= 0) {
            return readerDone();
        }
        long before = speech.heard();
        int read;
        try {
            read = speech.hear(end, MOST);
        } catch (SSLException failure) {
            throw failure;
        } catch (IOException reset) {
            return sawEnd(End.CUT, "reset");
        }
        if (speech.isNotified()) {
            return notified();
        }
        if (read < 0) {
            return speech.isTls() ? sawEnd(End.CUT, "bare FIN") : sawEnd(End.CLEAN, "FIN");
        }
        doneOfReaderAct += speech.heard() - before;
        return read > 0;
    }

    private boolean notified() {
        if (speech.isTls12()) {
            hadEndedBefore = endedAt >= 0;
            if (!end.isFinQueued()) {
                // Its engine has answered.
                ended();
            }
        }
        return sawEnd(End.CLEAN, "close_notify");
    }

    private boolean readerDone() {
        readerAt++;
        doneOfReaderAct = 0;
        return true;
    }

    private boolean sawEnd(End kind, String what) {
        saw(kind, what);
        readerAt = plan.script().reader().size();
        return true;
    }

    private void saw(End kind, String what) {
        if (seen == End.UNSEEN) {
            seen = kind;
            how = what;
        }
    }

    // ---- ending

    private void close(boolean reset) {
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

    TcpEnd end() {
        return end;
    }

    boolean isFinished() {
        return finished;
    }

    /** Reads, and has nothing to read. */
    boolean isListening() {
        boolean reads = !isReaderThrough()
                && !readerPauses
                && (plan.script().reader().get(readerAt).kind() == Act.Kind.READ_TO_END
                        || plan.script().reader().get(readerAt).kind() == Act.Kind.READ);
        return !finished && reads && !stepScheduled && !end.hasUnread() && speech.isThrough();
    }

    /** After how many bytes it ended its stream as it has to, -1 when it did not. */
    long endedAt() {
        return endedAt;
    }

    /** Whether it reset the connection, or closed it with unread input. */
    boolean isAborted() {
        return aborted;
    }

    End seen() {
        return seen;
    }

    /** In a word. */
    String how() {
        return how;
    }

    /** In TLS 1.2 who ends first is answered at once, whatever the other side still has to say. */
    boolean isOnlyAnswered() {
        return hadEndedBefore;
    }

    @Override
    public String toString() {
        return speech + (endedAt < 0 ? "" : ", ended at " + endedAt) + (aborted ? ", aborted" : "") + ", saw " + seen
                + " " + how
                + (finished ? "" : ", not finished: writer " + writerAt + " reader " + readerAt + " " + end);
    }
}
