package io.lb4j.selection;

import java.util.concurrent.atomic.AtomicInteger;

/** Points that jump about evenly: multiples of the golden ratio (Knuth, TAOCP 3, 6.4). Thread-safe. */
final class GoldenSteps {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final AtomicInteger steps = new AtomicInteger();

    /** The next point of 0..{@code bound - 1}. */
    long next(long bound) {
        return Math.multiplyHigh((steps.getAndIncrement() * GOLDEN) >>> 1, bound << 1);
    }
}
