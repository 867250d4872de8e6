package io.lb4j.stats;

import io.lb4j.event.CloseReason;
import java.util.Collections;
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
 * @param connectFailures attempts that failed
 * @param bytesToBackend bytes of clients that backends' sockets accepted
 * @param bytesToClient bytes of backends that clients' sockets accepted
 * @param pauses times that reading from one side was paused because the other did not take the bytes
 * @param resumes times that reading was resumed after that
 * @param acceptPauses times that accepting was paused at the connection limit or for want of descriptors or memory
 * @param acceptFailures failed attempts to accept a connection, want of a descriptor included
 * @param guestFailures calls on event loops into a router, selector or listener that threw or answered nonsense
 * @param loopTurns turns of all event loops
 */
public record TcpProxyStats(
        long accepted,
        long active,
        Map<CloseReason, Long> closed,
        long connectAttempts,
        long connectFailures,
        long bytesToBackend,
        long bytesToClient,
        long pauses,
        long resumes,
        long acceptPauses,
        long acceptFailures,
        long guestFailures,
        long loopTurns) {

    public TcpProxyStats {
        Map<CloseReason, Long> copy = new EnumMap<>(CloseReason.class);
        copy.putAll(closed);
        closed = Collections.unmodifiableMap(copy);
    }

    /** Connections that ended for this reason. */
    public long closed(CloseReason reason) {
        return closed.getOrDefault(reason, 0L);
    }

    /** Connections that ended, for whatever reason. */
    public long closedTotal() {
        return closed.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What was counted since {@code earlier}. {@link #active()} stays what it is now. */
    public TcpProxyStats minus(TcpProxyStats earlier) {
        Map<CloseReason, Long> ended = new EnumMap<>(CloseReason.class);
        for (CloseReason reason : CloseReason.values()) {
            ended.put(reason, closed(reason) - earlier.closed(reason));
        }
        return new TcpProxyStats(
                accepted - earlier.accepted,
                active,
                ended,
                connectAttempts - earlier.connectAttempts,
                connectFailures - earlier.connectFailures,
                bytesToBackend - earlier.bytesToBackend,
                bytesToClient - earlier.bytesToClient,
                pauses - earlier.pauses,
                resumes - earlier.resumes,
                acceptPauses - earlier.acceptPauses,
                acceptFailures - earlier.acceptFailures,
                guestFailures - earlier.guestFailures,
                loopTurns - earlier.loopTurns);
    }
}
