package io.lb4j.benchmarks.load;

import org.HdrHistogram.Histogram;

/** Nanoseconds that half, 99 %, 99.9 % and all of some times did not exceed. */
public record Percentiles(long p50, long p99, long p999, long max) {
    static Percentiles of(Histogram times) {
        return new Percentiles(
                times.getValueAtPercentile(50),
                times.getValueAtPercentile(99),
                times.getValueAtPercentile(99.9),
                times.getMaxValue());
    }
}
