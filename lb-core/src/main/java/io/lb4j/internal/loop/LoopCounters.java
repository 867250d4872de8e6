package io.lb4j.internal.loop;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.stats.DurationHistogram;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counters of one event loop, or of one frontend on it. Written by the loop alone with opaque stores, readable from any
 * thread, no atomics.
 */
public final class LoopCounters {
    public static final int ACCEPTED = 0;
    public static final int ACTIVE = 1;
    public static final int CONNECT_ATTEMPTS = 2;
    public static final int BYTES_TO_BACKEND = 3;
    public static final int BYTES_TO_CLIENT = 4;
    public static final int PAUSES = 5;
    public static final int RESUMES = 6;
    public static final int ACCEPT_PAUSES = 7;
    public static final int ACCEPT_FAILURES = 8;
    public static final int GUEST_FAILURES = 9;
    public static final int LOOP_TURNS = 10;
    public static final int BANDWIDTH_PAUSES = 11;
    private static final int CLOSED = 12;
    private static final int CONNECT_FAILED = CLOSED + CloseReason.values().length;
    private static final int CONNECTED = CONNECT_FAILED + ConnectFailure.values().length;

    private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values = new long[CONNECTED + DurationHistogram.BUCKETS];

    public LoopCounters() {
        // A VarHandle is linked where it is first used, which needs memory.
        add(LOOP_TURNS, get(LOOP_TURNS));
    }

    public void add(int counter, long amount) {
        VALUES.setOpaque(values, counter, values[counter] + amount);
    }

    /** Adds each of the others, as they are now. */
    public void addAll(LoopCounters others) {
        for (int counter = 0; counter < values.length; counter++) {
            add(counter, others.get(counter));
        }
    }

    public long get(int counter) {
        return (long) VALUES.getOpaque(values, counter);
    }

    public void closed(CloseReason reason) {
        add(CLOSED + reason.ordinal(), 1);
    }

    public long getClosed(CloseReason reason) {
        return get(CLOSED + reason.ordinal());
    }

    public void connectFailed(ConnectFailure kind) {
        add(CONNECT_FAILED + kind.ordinal(), 1);
    }

    public long getConnectFailed(ConnectFailure kind) {
        return get(CONNECT_FAILED + kind.ordinal());
    }

    public void connected(long nanos) {
        add(CONNECTED + DurationHistogram.bucketOf(nanos), 1);
    }

    public long getConnected(int bucket) {
        return get(CONNECTED + bucket);
    }
}
