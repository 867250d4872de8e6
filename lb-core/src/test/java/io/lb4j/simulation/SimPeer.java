package io.lb4j.simulation;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A client or a backend that plays its script on the simulated network. */
final class SimPeer implements TcpEnd.Watcher, SimNet.ConnectAttempt {
    /** How the other side's stream ended, as this peer saw it. */
    enum End {
        /** Not at all: the peer did not look, or closed first. */
        UNSEEN,
        EOF,
        RESET
    }

    private static final long HOLD = TimeUnit.HOURS.toNanos(12);

    private final Timeline timeline;
    private final PeerPlan plan;
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

    private long sent;
    private long received;
    private long endedAt = -1;
    private boolean aborted;
    private End seen = End.UNSEEN;

    SimPeer(Timeline timeline, PeerPlan plan) {
        this.timeline = timeline;
        this.plan = plan;
    }

    /** Connected: the script begins. */
    @Override
    public void established(TcpEnd connected) {
        end = connected;
        connected.watch(this);
        changed();
    }

    /** Was never connected: there is nothing to do. */
    @Override
    public void refused() {
        finished = true;
        seen = End.RESET;
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
        boolean again = stepWriter();
        again |= !finished && stepReader();
        if (!finished
                && writerAt >= plan.writer().size()
                && readerAt >= plan.reader().size()) {
            close(false);
        } else if (again) {
            changed();
        }
    }

    // ---- writing

    /** Returns whether more can be done at once. */
    private boolean stepWriter() {
        if (writerPauses || writerAt >= plan.writer().size()) {
            return false;
        }
        Act act = plan.writer().get(writerAt);
        switch (act.kind()) {
            case SEND -> {
                return send(act.amount() - doneOfWriterAct);
            }
            case PAUSE -> {
                writerPauses = true;
                timeline.after(act.amount(), () -> {
                    writerPauses = false;
                    writerDone();
                    changed();
                });
                return false;
            }
            case AWAIT_BYTES -> {
                return (received >= act.amount() || readerAt >= plan.reader().size()) && writerDone();
            }
            case AWAIT_READER -> {
                return readerAt >= plan.reader().size() && writerDone();
            }
            case HOLD -> {
                return isHeldLongEnough() && writerDone();
            }
            case FIN -> {
                endStream();
                return writerDone();
            }
            case RESET, CLOSE -> {
                close(act.kind() == Act.Kind.RESET);
                return false;
            }
            default -> throw new IllegalStateException("writer: " + act);
        }
    }

    private boolean send(long left) {
        int most = (int) Math.min(left, 1 << 18);
        int size = most > 1 && timeline.oneIn(3) ? timeline.between(1, most) : most;
        int room;
        try {
            room = end.room(size);
        } catch (IOException failure) {
            // Whoever cannot write does not go on with its script; it only looks what there is to read.
            if (!"Broken pipe".equals(failure.getMessage())) {
                seen = End.RESET;
            }
            writerAt = plan.writer().size();
            return true;
        }
        if (room > 0) {
            end.write(room);
            sent += room;
            doneOfWriterAct += room;
        }
        return room == left ? writerDone() : room > 0;
    }

    private boolean writerDone() {
        writerAt++;
        doneOfWriterAct = 0;
        return true;
    }

    private void endStream() {
        if (endedAt < 0) {
            endedAt = sent;
            end.shutdownOutput();
        }
    }

    // ---- reading

    private boolean stepReader() {
        if (readerPauses || readerAt >= plan.reader().size()) {
            return false;
        }
        Act act = plan.reader().get(readerAt);
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
                return hold();
            }
            default -> throw new IllegalStateException("reader: " + act);
        }
    }

    private boolean hold() {
        return isHeldLongEnough() && sawEnd(end.isResetReceived() ? End.RESET : End.UNSEEN);
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

    private boolean read(long left) {
        if (left == 0) {
            return readerDone();
        }
        int most = (int) Math.min(left, 1 << 18);
        int size;
        try {
            size = end.read(most > 1 && timeline.oneIn(3) ? timeline.between(1, most) : most);
        } catch (IOException reset) {
            return sawEnd(End.RESET);
        }
        if (size < 0) {
            return sawEnd(End.EOF);
        }
        received += size;
        doneOfReaderAct += size;
        return size == left ? readerDone() : size > 0;
    }

    private boolean readerDone() {
        readerAt++;
        doneOfReaderAct = 0;
        return true;
    }

    private boolean sawEnd(End kind) {
        if (seen == End.UNSEEN) {
            seen = kind;
        }
        readerAt = plan.reader().size();
        return true;
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

    boolean isFinished() {
        return finished;
    }

    /** Bytes the peer's kernel took. */
    long sent() {
        return sent;
    }

    long received() {
        return received;
    }

    /** After how many bytes it ended its stream, -1 when it did not. */
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

    PeerPlan plan() {
        return plan;
    }

    TcpEnd end() {
        return end;
    }

    @Override
    public String toString() {
        return "sent " + sent + (endedAt < 0 ? "" : " ended at " + endedAt) + (aborted ? " aborted" : "")
                + ", received " + received + " then " + seen
                + (finished ? "" : ", not finished: writer " + writerAt + " reader " + readerAt + " " + end);
    }
}
