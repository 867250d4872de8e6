package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counters of one event loop. Written by the loop alone with opaque stores, readable from any thread, no atomics. */
final class LoopCounters {
    static final int ACCEPTED = 0;
    static final int ACTIVE = 1;
    static final int CONNECT_ATTEMPTS = 2;
    static final int CONNECT_FAILURES = 3;
    static final int BYTES_TO_BACKEND = 4;
    static final int BYTES_TO_CLIENT = 5;
    static final int PAUSES = 6;
    static final int RESUMES = 7;
    static final int ACCEPT_PAUSES = 8;
    static final int ACCEPT_FAILURES = 9;
    static final int GUEST_FAILURES = 10;
    static final int LOOP_TURNS = 11;
    private static final int CLOSED = 12;

    private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values = new long[CLOSED + CloseReason.values().length];

    void add(int counter, long amount) {
        VALUES.setOpaque(values, counter, values[counter] + amount);
    }

    long get(int counter) {
        return (long) VALUES.getOpaque(values, counter);
    }

    void closed(CloseReason reason) {
        add(CLOSED + reason.ordinal(), 1);
    }

    long getClosed(CloseReason reason) {
        return get(CLOSED + reason.ordinal());
    }
}
