package io.lb4j.internal.util;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers for lists of candidates: one sequence for all balancers, since two of them can share a selector. */
public final class ListVersions {
    private static final AtomicLong LAST = new AtomicLong();

    private ListVersions() {}

    /** Greater than any before; never 0. */
    public static long next() {
        return LAST.incrementAndGet();
    }
}
