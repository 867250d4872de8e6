package io.lb4j.internal.relay;

import io.lb4j.internal.loop.BufferBudget;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.loop.Passage;
import io.lb4j.internal.loop.Pending;
import io.lb4j.internal.loop.Unwritten;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One direction of a connection: moves what the source sends to the sink. Confined to its loop. */
public class Relay {
    /*
     *                    source ends its stream          all delivered: the sink's stream is ended
     *     OPEN  ───────────────────────────────▶ ENDING ─────────────────────────────────────────▶ ENDED
     *      │ │   source is reset                                                                     ▲
     *      │ └───────────────▶ RESETTING   what was read is delivered, then the sink is reset        │
     *      │ sink is lost                                                    source ends its stream  │
     *      └───────────────▶ ABANDONED   what the source still sends is read and thrown away ────────┘
     *
     * Invariant: `pending` holds bytes that were read and not yet written, and nothing is read while there are any.
     * So one direction never holds more than one read, which is at most the loop's buffer or a pipe, and less when the
     * budget of all connections is short. When that is spent, a direction that has paused before reads a little at a time, and only
     * when its sink can take it (`awaitingRoom`), so that nothing has to be kept.
     *
     * A stream that brings much with each read is spliced where the sockets can do that: its bytes pass through a pipe of
     * the kernel, and what the sink does not take stays in it.
     */
    public enum Flow {
        OPEN,
        ENDING,
        ENDED,
        RESETTING,
        ABANDONED
    }

    private static final int SMALLEST_READ = 16 * 1024;

    public final Endpoint source;
    public final Endpoint sink;
    private final RelayPair pair;
    private final RelayLoop loop;
    final LoopMemory memory;
    final BufferBudget budget;
    final LoopCounters counters;
    private final int bytesCounter;
    private final boolean isSpliceable;

    private Flow flow = Flow.OPEN;
    private @Nullable Pending pending;
    private int readSize = SMALLEST_READ;
    private int largeTurns;
    private boolean awaitingRoom;
    private boolean hasPaused;
    private long bytes;
    private long firstByteAt;
    private long discarded;
    private long progressAt;
    private long endedAt;
    private LastDelivery lastDelivery = LastDelivery.NONE;
    private @Nullable DeliveryCheck check;

    Relay(RelayPair pair, Relayed connection, Endpoint source, Endpoint sink, int bytesCounter) {
        this.pair = pair;
        loop = connection.loop();
        memory = loop.memory();
        budget = memory.budget();
        counters = connection.counters();
        this.source = source;
        this.sink = sink;
        this.bytesCounter = bytesCounter;
        isSpliceable = source.isSpliceable() && sink.isSpliceable();
        progressAt = loop.now();
    }

    // ---- what the connection asks

    public Flow flow() {
        return flow;
    }

    /** Whether the source has ended its stream. */
    boolean hasEnded() {
        return flow == Flow.ENDED || flow == Flow.ENDING;
    }

    /** Whether it waits for the sink to take something. */
    public boolean isPaused() {
        return pending != null || awaitingRoom;
    }

    public boolean wantsToRead() {
        return (flow == Flow.OPEN && !isPaused()) || (flow == Flow.ABANDONED && !source.isReset());
    }

    /** Whether the sink is still to get bytes and their end. */
    public boolean isUnfinished() {
        return flow == Flow.OPEN || flow == Flow.ENDING;
    }

    /** How it stands with what there was before a reset. */
    LastDelivery lastDelivery() {
        return lastDelivery;
    }

    public boolean wantsToWrite() {
        return isPaused() || lastDelivery == LastDelivery.WAITING || (flow == Flow.ENDING && sink.isEnding());
    }

    /** Bytes the sink's socket has accepted. */
    public long bytes() {
        return bytes;
    }

    /** When the sink's socket took the first byte; of no meaning when it took none. */
    public long firstByteAt() {
        return firstByteAt;
    }

    /** Bytes thrown away after the sink was lost. */
    public long discarded() {
        return discarded;
    }

    /** When the sink last took a byte, or last had none to take. */
    public long progressAt() {
        return progressAt;
    }

    /** When the sink's stream was ended, or a reset began to wait for its last delivery. */
    public long endedAt() {
        return endedAt;
    }

    @Nullable
    public DeliveryCheck check() {
        return check;
    }

    /** Finds out whether what was written has arrived. Returns whether it is known that it has. */
    public boolean checkDelivery(SocketTableReader table) {
        DeliveryCheck present = check;
        if (present == null) {
            present = new DeliveryCheck(pair, this, loop);
            check = present;
        }
        return present.ask(table);
    }

    // ---- what the connection says

    /** The sink is there. What was read ahead goes first; else something to read is probably there by now: that saves a turn. */
    void begin() {
        pending = source.takeInHand();
        if (pending == null) {
            readable();
        } else {
            flush();
            if (pending != null) {
                keep(pending);
            }
        }
    }

    /** The source may have something to read. */
    public void readable() {
        if (flow == Flow.OPEN && !isPaused()) {
            pump();
        } else if (flow == Flow.ABANDONED) {
            discard();
        }
    }

    /** The sink may take bytes again. */
    public void writable() {
        if (pending != null) {
            flush();
        } else if (awaitingRoom) {
            awaitingRoom = false;
            readable();
        } else {
            lastDelivery = lastDelivery.writable(loop.now() - endedAt, hasPaused);
        }
    }

    /** The source is reset: deliver what was read, then say so. */
    public void sourceLost() {
        flow = flow == Flow.OPEN ? Flow.RESETTING : Flow.ABANDONED;
        awaitingRoom = false;
    }

    /** The sink is lost: there is nobody to deliver to. A source that has ended its stream is not read once more. */
    public void abandon() {
        if (flow != Flow.ENDED) {
            flow = Flow.ABANDONED;
        }
        awaitingRoom = false;
        lastDelivery = lastDelivery.callOff();
        dropPending();
    }

    /** Ends the sink's stream when it is time to. */
    public void endWhenFlushed(boolean sinkIsAboutToClose) {
        if (flow == Flow.ENDING && pending == null && sink.end(sinkIsAboutToClose)) {
            endedAt = loop.now();
            flow = Flow.ENDED;
        }
    }

    /** When all that was read before a reset is written, waits until the kernel has delivered it. */
    public void awaitDeliveryBeforeReset() throws IOException {
        if (flow == Flow.RESETTING && pending == null && lastDelivery == LastDelivery.NONE) {
            sink.shrinkSendBuffer();
            lastDelivery = LastDelivery.WAITING;
            endedAt = loop.now();
        }
    }

    public void dropPending() {
        Pending over = pending;
        if (over != null) {
            pending = null;
            if (hasPaused) {
                counters.add(LoopCounters.RESUMES, 1);
            }
            over.giveBack();
        }
    }

    // ---- moving bytes

    /** A fast source must not starve the others of its loop. */
    void pump() {
        Passage first = memory.passage(largeTurns);
        Passage passage = first;
        int moved = 0;
        while (passage != null && moved < first.capacity()) {
            int wanted = budget.allowance(passage.sizeOf(readSize));
            int read = read(passage, wanted);
            moved += Math.max(0, read);
            if (read < 0 || (read > 0 && (!deliver(passage) || mustAwaitRoom()))) {
                break;
            }
            boolean isShort = read < wanted && !source.hasMore();
            readSize = isShort ? readSize : Math.min(readSize * 2, LoopMemory.LARGEST_READ);
            passage = passage.after(isShort ? read : wanted, wanted);
        }
        largeTurns = isSpliceable ? memory.largeTurns(largeTurns, moved) : 0;
    }

    boolean mustAwaitRoom() {
        awaitingRoom = hasPaused && budget.isSpent();
        return awaitingRoom;
    }

    /** Returns how many bytes were read; 0 or less when there is nothing (more) to deliver. */
    int read(Passage passage, int most) {
        int read;
        try {
            read = passage.fill(source, most);
        } catch (IOException reset) {
            pair.sourceLost(this, reset);
            return -1;
        }
        if (read != 0) {
            pair.touch();
        }
        if (read < 0) {
            sourceEnded();
        }
        return read;
    }

    /** After a failed write to the source's socket, the end of its stream is its reset by another name. */
    private void sourceEnded() {
        pair.sourceFinished(this);
        if (flow == Flow.ABANDONED) {
            flow = Flow.ENDED;
        } else {
            flow = source.isEndDoubtful() ? Flow.RESETTING : Flow.ENDING;
        }
    }

    /** Returns whether the sink took everything. */
    boolean deliver(Passage passage) {
        int written;
        do {
            written = write(passage);
        } while (written > 0 && !passage.isEmpty() && passage.mayTakeMore(written));
        if (written < 0) {
            return false;
        }
        if (passage.isEmpty()) {
            return true;
        }
        readSize = Math.max(readSize / 2, SMALLEST_READ);
        keep(passage.keep());
        return false;
    }

    /** Returns how many bytes the sink took, -1 when it is lost. */
    private int write(Unwritten from) {
        int written;
        try {
            written = from.writeTo(sink);
        } catch (IOException lost) {
            pair.sinkLost(this, lost);
            return -1;
        }
        if (written > 0) {
            if (bytes == 0) {
                firstByteAt = loop.now();
            }
            bytes += written;
            counters.add(bytesCounter, written);
            progressAt = loop.now();
            pair.touch();
        }
        return written;
    }

    private void keep(Pending kept) {
        pending = kept;
        progressAt = loop.now();
        hasPaused = true;
        counters.add(LoopCounters.PAUSES, 1);
    }

    private void flush() {
        for (Pending kept = pending; kept != null; kept = pending) {
            int written = write(kept);
            if (written < 0) {
                return;
            }
            if (kept.isEmpty()) {
                dropPending();
                awaitingRoom = flow == Flow.OPEN && budget.isSpent();
            } else if (!kept.mayTakeMore(written)) {
                return;
            }
        }
    }

    private void discard() {
        int read = read(memory.passage(0), LoopMemory.LARGEST_READ);
        discarded += Math.max(0, read);
    }
}
