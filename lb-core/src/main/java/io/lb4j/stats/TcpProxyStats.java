package io.lb4j.stats;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.util.Counts;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counters of a proxy since it started, at one moment. Counters of different event loops are read one after another,
 * so while traffic flows they can be some connections apart.
 *
 * @param accepted connections accepted
 * @param active connections open now, those being connected included: a gauge, not a counter
 * @param closed connections ended, by reason; reasons that did not occur have 0
 * @param connectAttempts attempts to connect to a backend
 * @param connectFailures attempts that failed, by kind; kinds that did not occur have 0
 * @param connectTimes how long successful attempts took
 * @param bytesToBackend bytes of clients that backends' sockets accepted
 * @param bytesToClient bytes of backends that clients' sockets accepted
 * @param pauses times that reading from one side was paused because the other did not take the bytes
 * @param resumes times that reading was resumed after that
 * @param bandwidthPauses times that reading from one side was put off because of a bandwidth
 * @param acceptPauses times that accepting was paused at the connection limit, at an accept rate, for want of descriptors or
 *     memory, or because too few backends were UP
 * @param acceptFailures failed attempts to accept a connection, want of a descriptor included
 * @param guestFailures calls on event loops into a router, selector or listener that threw or answered nonsense
 * @param loopTurns turns of all event loops
 */
public record TcpProxyStats(
        long accepted,
        long active,
        Map<CloseReason, Long> closed,
        long connectAttempts,
        Map<ConnectFailure, Long> connectFailures,
        DurationHistogram connectTimes,
        long bytesToBackend,
        long bytesToClient,
        long pauses,
        long resumes,
        long bandwidthPauses,
        long acceptPauses,
        long acceptFailures,
        long guestFailures,
        long loopTurns) {

    public TcpProxyStats {
        closed = Counts.copyOf(CloseReason.class, closed);
        connectFailures = Counts.copyOf(ConnectFailure.class, connectFailures);
    }

    /** Connections that ended for this reason. */
    public long closed(CloseReason reason) {
        return closed.getOrDefault(reason, 0L);
    }

    /** Attempts that failed in this way. */
    public long connectFailures(ConnectFailure kind) {
        return connectFailures.getOrDefault(kind, 0L);
    }

    /** Attempts that failed, in whatever way. */
    public long connectFailuresTotal() {
        return Counts.total(connectFailures);
    }

    /** Clients that were turned away before a backend was tried, by reason. */
    public Map<CloseReason, Long> refused() {
        Map<CloseReason, Long> refused = new EnumMap<>(closed);
        refused.keySet().removeIf(reason -> !reason.isRefusal());
        return refused;
    }

    /** Clients that were turned away before a backend was tried. {@code accepted = active + refusedTotal + endedTotal}. */
    public long refusedTotal() {
        return Counts.total(refused());
    }

    /** Connections that ended after a backend had been tried. */
    public long endedTotal() {
        return closedTotal() - refusedTotal();
    }

    /** Connections that ended, for whatever reason; clients that were turned away included. */
    public long closedTotal() {
        return Counts.total(closed);
    }

    /** What was counted since {@code earlier}. {@link #active()} stays what it is now. */
    public TcpProxyStats minus(TcpProxyStats earlier) {
        return new TcpProxyStats(
                accepted - earlier.accepted,
                active,
                Counts.minus(CloseReason.class, closed, earlier.closed),
                connectAttempts - earlier.connectAttempts,
                Counts.minus(ConnectFailure.class, connectFailures, earlier.connectFailures),
                connectTimes.minus(earlier.connectTimes),
                bytesToBackend - earlier.bytesToBackend,
                bytesToClient - earlier.bytesToClient,
                pauses - earlier.pauses,
                resumes - earlier.resumes,
                bandwidthPauses - earlier.bandwidthPauses,
                acceptPauses - earlier.acceptPauses,
                acceptFailures - earlier.acceptFailures,
                guestFailures - earlier.guestFailures,
                loopTurns - earlier.loopTurns);
    }
}
