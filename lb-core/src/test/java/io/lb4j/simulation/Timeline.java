package io.lb4j.simulation;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Virtual time, and what is going to happen in it. The one source of order in a simulation: events of the same moment
 * happen in an order that the seed decides. Time moves only from one event to the next.
 */
final class Timeline implements LongSupplier {
    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private final SplittableRandom random;
    private long now;
    private long happened;
    private long trace;

    Timeline(long seed, long start) {
        random = new SplittableRandom(seed);
        now = start;
    }

    /** The time, in nanoseconds from anywhere; it may wrap. */
    @Override
    public long getAsLong() {
        return now;
    }

    /** Lets the event happen {@code delay} nanoseconds from now. */
    void after(long delay, Runnable event) {
        queue.add(new Event(now + Math.max(0, delay), random.nextInt(), happened + queue.size(), event));
    }

    /** Somebody keeps the clock waiting: a guest that blocks, a machine that sleeps. */
    void lose(long nanos) {
        now += nanos;
    }

    /** Lets the next event happen; returns false when there is none. */
    boolean step() {
        Event event = queue.poll();
        if (event == null) {
            return false;
        }
        if (event.at - now > 0) {
            now = event.at;
        }
        happened++;
        note(now);
        event.action.run();
        return true;
    }

    /** Whether something happens within this time. */
    boolean hasEventWithin(long nanos) {
        Event next = queue.peek();
        return next != null && next.at - now <= nanos;
    }

    long happened() {
        return happened;
    }

    // ---- chance

    /** From {@code low} to {@code high}, both included. */
    int between(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    /** True once in {@code n} times on average; never for 0. */
    boolean oneIn(int n) {
        return n > 0 && random.nextInt(n) == 0;
    }

    long nextLong() {
        return random.nextLong();
    }

    /** How long something short takes: mostly no time at all, sometimes micro-, rarely milliseconds. */
    long moment() {
        int kind = random.nextInt(16);
        if (kind < 11) {
            return 0;
        }
        return kind < 15 ? random.nextInt(50_000) : random.nextInt((int) TimeUnit.MILLISECONDS.toNanos(3));
    }

    // ---- what tells one run from another

    /** Mixes what happened into the trace. */
    void note(long what) {
        trace = (trace ^ what) * 0x9E3779B97F4A7C15L;
        trace ^= trace >>> 29;
    }

    /** Equal for two runs in which the same things happened in the same order. */
    long trace() {
        return trace;
    }

    private record Event(long at, int tie, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            if (at != other.at) {
                return at - other.at < 0 ? -1 : 1;
            }
            return tie != other.tie ? Integer.compare(tie, other.tie) : Long.compare(number, other.number);
        }
    }
}
