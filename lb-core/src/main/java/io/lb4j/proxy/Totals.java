package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.util.Counts;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.TcpProxyStats;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What the connections of a proxy amount to, over its loops and its frontends, those that are gone included. Thread-safe:
 * a frontend that goes is counted once at each moment.
 */
final class Totals {
    private final List<EventLoop> loops;
    private final List<Entrance> entrances;

    /** Guarded by this. */
    private final LoopCounters gone = new LoopCounters();

    /** @param entrances those that are there; {@link #retire} takes them out */
    Totals(List<EventLoop> loops, List<Entrance> entrances) {
        this.loops = loops;
        this.entrances = entrances;
    }

    /** This frontend is gone; nothing is counted for it any more. */
    synchronized void retire(Entrance entrance) {
        // In this order: what can fail has not been counted yet.
        if (entrances.remove(entrance)) {
            entrance.addTo(gone);
        }
    }

    /** Connections that are open now. */
    synchronized long active() {
        return sum(LoopCounters.ACTIVE);
    }

    synchronized TcpProxyStats stats() {
        long[] connected = new long[DurationHistogram.BUCKETS];
        Arrays.setAll(connected, bucket -> sum(counters -> counters.getConnected(bucket)));
        return new TcpProxyStats(
                sum(LoopCounters.ACCEPTED),
                sum(LoopCounters.ACTIVE),
                Counts.of(CloseReason.class, reason -> sum(counters -> counters.getClosed(reason))),
                sum(LoopCounters.CONNECT_ATTEMPTS),
                Counts.of(ConnectFailure.class, kind -> sum(counters -> counters.getConnectFailed(kind))),
                DurationHistogram.of(connected),
                sum(LoopCounters.BYTES_TO_BACKEND),
                sum(LoopCounters.BYTES_TO_CLIENT),
                sum(LoopCounters.PAUSES),
                sum(LoopCounters.RESUMES),
                sum(LoopCounters.BANDWIDTH_PAUSES),
                sum(LoopCounters.ACCEPT_PAUSES),
                sum(LoopCounters.ACCEPT_FAILURES),
                sum(LoopCounters.GUEST_FAILURES),
                sum(LoopCounters.LOOP_TURNS));
    }

    private long sum(int counter) {
        return sum(counters -> counters.get(counter));
    }

    private long sum(ToLongFunction<LoopCounters> counter) {
        long sum = counter.applyAsLong(gone);
        for (EventLoop loop : loops) {
            sum += counter.applyAsLong(loop.counters());
        }
        for (Entrance entrance : entrances) {
            sum += entrance.sum(counter);
        }
        return sum;
    }
}
