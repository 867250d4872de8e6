package io.lb4j.proxy;

import io.lb4j.internal.util.SocketTable;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Whether what was written to one socket has arrived, as far as its kernel tells. Confined to its connection's loop. */
final class DeliveryCheck {
    /*
     * A write says what our kernel took, not what the peer's did, and two things are never told by the socket itself as
     * long as nothing more is written to it: that the peer's machine has vanished, and that a peer that had ended its
     * stream has reset the connection since (such a socket has no interest, so its reset wakes nobody). So when nothing
     * has been written for a while, and nothing is known of what was, the kernel's table of sockets is looked into.
     *
     * Nothing acknowledged between two looks that are one stall timeout apart: the peer is stalled. Not in the table, in
     * two looks, because the table is not read at one moment: the peer has reset the connection.
     */
    /** The first look at what was written to a side that has ended its stream comes after this. */
    private static final long AFTER_END = TimeUnit.SECONDS.toNanos(1);

    /** Otherwise it comes after this part of the stall timeout. */
    private static final int PART_OF_STALL = 16;

    private final RelayPair pair;
    private final Relay relay;
    private final EventLoop loop;
    private long confirmed;
    private boolean asking;
    private long nextAt;
    private long sampledBytes = -1;
    private long sampled;
    private long sampledAt;
    private int timesGone;

    DeliveryCheck(RelayPair pair, Relay relay, EventLoop loop) {
        this.pair = pair;
        this.relay = relay;
        this.loop = loop;
        nextAt = loop.now();
    }

    /** When to {@link #ask}, if nothing is written until then. */
    static long due(Relay relay, boolean sinkHasEnded, long stallTimeout) {
        DeliveryCheck check = relay.check();
        if (relay.bytes() == 0
                || relay.flow() == Relay.Flow.ABANDONED
                || (check != null && (check.asking || check.isConfirmed()))) {
            return relay.progressAt() + Limits.FOR_EVER;
        }
        long first = relay.progressAt() + (sinkHasEnded ? AFTER_END : stallTimeout / PART_OF_STALL);
        return check == null || first - check.nextAt > 0 ? first : check.nextAt;
    }

    /** Whether all that was written has arrived. */
    boolean isConfirmed() {
        return confirmed == relay.bytes();
    }

    /** Looks, as soon as the table is looked into again, unless all is known. Returns whether it is. */
    boolean ask(SocketTableReader table) {
        if (!asking && !isConfirmed()) {
            try {
                long written = relay.bytes();
                table.ask(relay.sink, relay.source, loop, found -> answered(written, found));
                asking = true;
            } catch (IOException closed) {
                confirmed = relay.bytes();
            }
        }
        return isConfirmed();
    }

    private void answered(long written, long found) {
        asking = false;
        timesGone = found == SocketTable.GONE ? timesGone + 1 : 0;
        nextAt = loop.now();
        if (found == 0 || found == SocketTable.UNKNOWN) {
            confirmed = written;
        } else if (timesGone > 1) {
            pair.vanished(relay);
            return;
        } else if (found > 0) {
            compare(written, found);
        }
        pair.looked();
    }

    private void compare(long written, long found) {
        if (written != sampledBytes || found < sampled) {
            sampledBytes = written;
            sampled = found;
            sampledAt = loop.now();
        }
        nextAt = sampledAt + pair.stallTimeout();
        if (loop.now() - nextAt >= 0) {
            pair.stalled(relay);
        }
    }
}
