package io.lb4j.internal.relay;

import io.lb4j.internal.loop.Deadline;
import io.lb4j.internal.util.SocketTable;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Whether what was written to one socket has arrived, as far as its kernel tells. Confined to its connection's loop. */
public final class DeliveryCheck {
    /*
     * A write says what our kernel took, not what the peer's did, and two things are never told by the socket itself as
     * long as nothing more is written to it: that the peer's machine has vanished, and that a peer that had ended its
     * stream has reset the connection since (such a socket has no interest, so its reset wakes nobody). So when nothing
     * has been written for a while, and nothing is known of what was, the kernel's table of sockets is looked into.
     *
     * Nor does somebody who goes on writing learn that nobody takes it, before the buffers of the kernel are full. So
     * whom nothing is heard of is looked after again and again.
     *
     * Nothing acknowledged between two looks that are one stall timeout apart: the peer is stalled. Not in the table, in
     * two looks, because the table is not read at one moment: the peer has reset the connection.
     */
    /** The first look at what was written to a side that has ended its stream comes after this. */
    private static final long AFTER_END = TimeUnit.SECONDS.toNanos(1);

    /** Otherwise one comes after this part of the stall timeout, and after that part again while something is on its way. */
    private static final int PART_OF_STALL = 16;

    /** Fewer than any number of acknowledged bytes. */
    private static final long NONE = Long.MIN_VALUE;

    private final RelayPair pair;
    private final Relay relay;
    private final RelayLoop loop;
    private long confirmed;
    private boolean unknown;
    private boolean asking;
    private boolean doubting;
    private long doubtSince;
    private long nextAt;
    private long acknowledged = NONE;
    private long acknowledgedAt;
    private int timesGone;

    public DeliveryCheck(RelayPair pair, Relay relay, RelayLoop loop) {
        this.pair = pair;
        this.relay = relay;
        this.loop = loop;
        nextAt = loop.now();
    }

    /**
     * When to {@link #ask}, if nothing is written until then and nothing is heard of the sink.
     *
     * @param heardAt when the sink last sent something that the source took, or had none to send
     */
    public static long due(Relay relay, boolean sinkHasEnded, long heardAt, long stallTimeout) {
        DeliveryCheck check = relay.check();
        if (relay.bytes() == 0
                || relay.flow() == Relay.Flow.ABANDONED
                || (check != null && (check.asking || check.isConfirmed()))) {
            return relay.progressAt() + Limits.FOR_EVER;
        }
        long part = stallTimeout / PART_OF_STALL;
        long written = relay.progressAt() + (sinkHasEnded ? AFTER_END : part);
        long unheard = later(heardAt, check == null ? relay.firstByteAt() : check.doubtSince()) + part;
        long first = Deadline.earlier(written, unheard);
        return check == null ? first : later(first, check.nextAt);
    }

    private static long later(long one, long other) {
        return one - other >= 0 ? one : other;
    }

    /** Since when it is known that something is on its way of which nothing is known: now, for the first time. */
    private long doubtSince() {
        if (!doubting) {
            doubting = true;
            doubtSince = loop.now();
        }
        return doubtSince;
    }

    /** Whether all that was written has arrived, or nothing can be known of it. */
    public boolean isConfirmed() {
        return confirmed == relay.bytes();
    }

    /** Whether all that was written is known to have arrived. */
    public boolean isDelivered() {
        return isConfirmed() && !unknown;
    }

    /** Looks, as soon as the table is looked into again, unless all is known. Returns whether it is. */
    public boolean ask(SocketTableReader table) {
        if (!asking && !isConfirmed()) {
            try {
                long written = relay.bytes();
                table.ask(relay.sink, relay.source, loop, found -> answered(written, found));
                asking = true;
            } catch (IOException closed) {
                confirm(relay.bytes(), true);
            }
        }
        return isConfirmed();
    }

    private void confirm(long written, boolean isUnknown) {
        confirmed = written;
        unknown = isUnknown;
        doubting = false;
        acknowledged = NONE;
    }

    private void answered(long written, long found) {
        asking = false;
        timesGone = found == SocketTable.GONE ? timesGone + 1 : 0;
        nextAt = loop.now();
        if (found == 0 || found == SocketTable.UNKNOWN) {
            confirm(written, found != 0);
        } else if (timesGone > 1) {
            pair.vanished(relay);
            return;
        } else if (found > 0) {
            compare(written - found);
        }
        pair.looked();
    }

    /** What was written after the question counts as not acknowledged: too little rather than too much. */
    private void compare(long acknowledgedNow) {
        if (acknowledgedNow > acknowledged) {
            acknowledged = acknowledgedNow;
            acknowledgedAt = loop.now();
        }
        long stalledAt = acknowledgedAt + pair.stallTimeout();
        nextAt = Deadline.earlier(stalledAt, loop.now() + pair.stallTimeout() / PART_OF_STALL);
        if (loop.now() - stalledAt >= 0) {
            pair.stalled(relay);
        }
    }
}
