package io.lb4j.stats;

import java.time.Duration;

/**
 * Figures of the line in which connections wait while every backend is at its limit, at one moment.
 *
 * @param waiting how many wait now: a gauge, not a counter
 * @param longestWait how long the first of them has been waiting; zero when nobody waits: a gauge, not a counter
 * @param waits how long those waited who got a backend; refused ones are counted by
 *     {@link TcpProxyStats#closed(io.lb4j.event.CloseReason)}
 */
public record QueueStats(long waiting, Duration longestWait, DurationHistogram waits) {
    /** Nobody has ever waited. */
    public static QueueStats empty() {
        return new QueueStats(0, Duration.ZERO, DurationHistogram.empty());
    }

    /** Of two lines: all who wait, and the longest wait in either. */
    QueueStats plus(QueueStats other) {
        return new QueueStats(
                waiting + other.waiting,
                longestWait.compareTo(other.longestWait) >= 0 ? longestWait : other.longestWait,
                waits.plus(other.waits));
    }

    /** Whether these are surely not those of the same line later: a counter never goes down. */
    boolean isOfAnother(QueueStats earlier) {
        return waits.total() < earlier.waits.total();
    }

    /** What was counted since {@code earlier}. Gauges stay what they are now. */
    public QueueStats minus(QueueStats earlier) {
        return new QueueStats(waiting, longestWait, waits.minus(earlier.waits));
    }
}
