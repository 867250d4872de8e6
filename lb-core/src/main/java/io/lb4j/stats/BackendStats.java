package io.lb4j.stats;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.util.Counts;
import java.util.Map;

/**
 * Counters of one backend since it was added, at one moment.
 *
 * @param active connections to it that are open or being opened now: a gauge, not a counter
 * @param attempts attempts to connect to it
 * @param connectFailures attempts that failed at the backend, by kind; those that failed for want of descriptors, ports
 *     or memory on this machine are not counted
 * @param connectTimes how long successful attempts took
 * @param closed connections that ended, by reason
 * @param bytesToBackend bytes sent to it over connections that have ended
 * @param bytesToClient bytes received from it and delivered, over connections that have ended
 * @param checksPassed health checks that passed
 * @param checksFailed health checks that failed
 * @param ejections times that it was ejected for what its connections showed
 */
public record BackendStats(
        long active,
        long attempts,
        Map<ConnectFailure, Long> connectFailures,
        DurationHistogram connectTimes,
        Map<CloseReason, Long> closed,
        long bytesToBackend,
        long bytesToClient,
        long checksPassed,
        long checksFailed,
        long ejections) {

    public BackendStats {
        connectFailures = Counts.copyOf(ConnectFailure.class, connectFailures);
        closed = Counts.copyOf(CloseReason.class, closed);
    }

    /** Connections made to it. */
    public long connections() {
        return connectTimes.total();
    }

    /** Attempts that failed at the backend in this way. */
    public long connectFailures(ConnectFailure kind) {
        return connectFailures.getOrDefault(kind, 0L);
    }

    /** Attempts that failed at the backend, in whatever way. */
    public long connectFailuresTotal() {
        return Counts.total(connectFailures);
    }

    /** Connections to it that ended for this reason. */
    public long closed(CloseReason reason) {
        return closed.getOrDefault(reason, 0L);
    }

    /** Connections to it that ended. */
    public long closedTotal() {
        return Counts.total(closed);
    }

    /** Whether these are surely not those of the same backend later: a counter never goes down. */
    boolean isOfAnother(BackendStats earlier) {
        return attempts < earlier.attempts
                || bytesToBackend < earlier.bytesToBackend
                || bytesToClient < earlier.bytesToClient
                || checksPassed < earlier.checksPassed
                || checksFailed < earlier.checksFailed
                || ejections < earlier.ejections
                || closed.entrySet().stream().anyMatch(one -> one.getValue() < earlier.closed(one.getKey()));
    }

    /** What was counted since {@code earlier}. {@link #active()} stays what it is now. */
    public BackendStats minus(BackendStats earlier) {
        return new BackendStats(
                active,
                attempts - earlier.attempts,
                Counts.minus(ConnectFailure.class, connectFailures, earlier.connectFailures),
                connectTimes.minus(earlier.connectTimes),
                Counts.minus(CloseReason.class, closed, earlier.closed),
                bytesToBackend - earlier.bytesToBackend,
                bytesToClient - earlier.bytesToClient,
                checksPassed - earlier.checksPassed,
                checksFailed - earlier.checksFailed,
                ejections - earlier.ejections);
    }
}
