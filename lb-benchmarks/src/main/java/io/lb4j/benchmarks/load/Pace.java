package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.HdrHistogram.Histogram;

/**
 * Sends requests when they are due, on whichever connection is free, and takes the time from then to the response. A
 * request that finds no connection free waits, and its time runs: a proxy that stalls is charged for every request that
 * should have been sent meanwhile, and not for one.
 */
final class Pace {
    private static final long LONGEST = 60_000_000_000L;
    private static final int DIGITS = 3;

    private final Schedule schedule;
    private final long from;
    private final long end;
    private final Deque<PacedClient> free = new ArrayDeque<>();
    private final Histogram latency = new Histogram(LONGEST, DIGITS);
    private final Histogram lateness = new Histogram(LONGEST, DIGITS);
    private long next;
    private long answered;

    /**
     * @param from when the first request is due that is measured
     * @param until when the first would be due that is not sent any more
     */
    Pace(Schedule schedule, long from, long until) {
        this.schedule = schedule;
        this.from = from;
        this.end = schedule.before(until);
    }

    void isFree(PacedClient client) {
        free.addLast(client);
    }

    /** Sends what is due, as far as connections are free. */
    void send(long now) {
        while (next < end && schedule.at(next) <= now && !free.isEmpty()) {
            long due = schedule.at(next++);
            if (due >= from) {
                lateness.recordValue(Math.min(LONGEST, now - due));
            }
            send(free.removeFirst(), due);
        }
    }

    /** A client that has failed while it was free has been counted; what it should have sent is never answered. */
    private static void send(PacedClient client, long due) {
        try {
            if (client.channel().isOpen()) {
                client.request(due);
            }
        } catch (IOException failure) {
            client.failed(failure);
        }
    }

    void responded(long due) {
        answered++;
        if (due >= from) {
            latency.recordValue(Math.min(LONGEST, System.nanoTime() - due));
        }
    }

    /** Closes the connections; those that still wait for a response are ended by whoever ends the run. */
    void closeFree() throws IOException {
        for (PacedClient client : free) {
            if (client.channel().isOpen()) {
                client.close();
            }
        }
    }

    boolean allAnswered() {
        return answered == end;
    }

    /** How many of those that were due have no response. */
    long unanswered() {
        return end - answered;
    }

    long measured() {
        return latency.getTotalCount();
    }

    Percentiles latency() {
        return Percentiles.of(latency);
    }

    /** How late requests were sent: the load's own fault, or that of a proxy which kept all connections waiting. */
    Percentiles lateness() {
        return Percentiles.of(lateness);
    }
}
