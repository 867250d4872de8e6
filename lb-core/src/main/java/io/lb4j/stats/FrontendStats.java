package io.lb4j.stats;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.util.Counts;
import java.util.Map;

/**
 * Counters of one frontend since it began to listen, at one moment. Counters of different event loops are read one after
 * another, so while traffic flows they can be some connections apart.
 *
 * @param accepted connections accepted
 * @param active connections open now, those being connected included: a gauge, not a counter
 * @param closed connections ended, by reason; reasons that did not occur have 0
 * @param connectAttempts attempts to connect to a backend
 * @param bytesToBackend bytes of clients that backends' sockets accepted
 * @param bytesToClient bytes of backends that clients' sockets accepted
 * @param bandwidthPauses times that reading from one side was put off because of a bandwidth
 * @param acceptPauses times that accepting was paused, on one event loop or, because too few backends were UP, on all
 * @param acceptFailures failed attempts to accept a connection, want of a descriptor included
 */
public record FrontendStats(
        long accepted,
        long active,
        Map<CloseReason, Long> closed,
        long connectAttempts,
        long bytesToBackend,
        long bytesToClient,
        long bandwidthPauses,
        long acceptPauses,
        long acceptFailures) {

    public FrontendStats {
        closed = Counts.copyOf(CloseReason.class, closed);
    }

    /** Connections that ended for this reason. */
    public long closed(CloseReason reason) {
        return closed.getOrDefault(reason, 0L);
    }

    /** Connections that ended, for whatever reason; clients that were turned away included. */
    public long closedTotal() {
        return Counts.total(closed);
    }

    /** What was counted since {@code earlier}. {@link #active()} stays what it is now. */
    public FrontendStats minus(FrontendStats earlier) {
        return new FrontendStats(
                accepted - earlier.accepted,
                active,
                Counts.minus(CloseReason.class, closed, earlier.closed),
                connectAttempts - earlier.connectAttempts,
                bytesToBackend - earlier.bytesToBackend,
                bytesToClient - earlier.bytesToClient,
                bandwidthPauses - earlier.bandwidthPauses,
                acceptPauses - earlier.acceptPauses,
                acceptFailures - earlier.acceptFailures);
    }
}
