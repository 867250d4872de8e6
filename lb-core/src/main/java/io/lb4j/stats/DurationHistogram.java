package io.lb4j.stats;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * How often something took how long, in fixed buckets.
 *
 * @param counts how many durations fell into each bucket: up to and including each of {@link #bounds}, and last those
 *     above all of them; unmodifiable
 */
public record DurationHistogram(List<Long> counts) {
    private static final long[] MICROS = {
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        5_000_000
    };

    private static final long[] NANOS =
            Arrays.stream(MICROS).map(TimeUnit.MICROSECONDS::toNanos).toArray();

    /** How many buckets there are. */
    public static final int BUCKETS = NANOS.length + 1;

    public DurationHistogram {
        if (counts.size() != BUCKETS) {
            throw new IllegalArgumentException("counts: " + counts.size() + " (expected: " + BUCKETS + ")");
        }
        counts = List.copyOf(counts);
    }

    /** Nothing was counted. */
    public static DurationHistogram empty() {
        return of(new long[BUCKETS]);
    }

    /** The counts of an array. */
    public static DurationHistogram of(long... counts) {
        return new DurationHistogram(LongStream.of(counts).boxed().toList());
    }

    /**
     * The upper bounds of the buckets, all but the last, which has none: 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100,
     * 250, 500 ms, 1, 2.5, 5 s.
     */
    public static List<Duration> bounds() {
        return Arrays.stream(NANOS).mapToObj(Duration::ofNanos).toList();
    }

    /** The bucket that so many nanoseconds fall into, 0..{@link #BUCKETS} - 1. */
    public static int bucketOf(long nanos) {
        int bucket = 0;
        while (bucket < NANOS.length && nanos > NANOS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    /** How many durations were counted. */
    public long total() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /**
     * An upper bound of the duration that this share of all do not exceed: the bound of the bucket it falls into, the
     * longest bound for those above it, zero when nothing was counted.
     *
     * @param percentile 0..100
     * @throws IllegalArgumentException when it is not
     */
    public Duration atPercentile(double percentile) {
        if (!(percentile >= 0 && percentile <= 100)) {
            throw new IllegalArgumentException("percentile: " + percentile + " (expected: 0..100)");
        }
        long total = total();
        if (total == 0) {
            return Duration.ZERO;
        }
        double wanted = total * percentile / 100;
        long seen = 0;
        for (int bucket = 0; bucket < NANOS.length; bucket++) {
            seen += counts.get(bucket);
            if (seen >= wanted && seen > 0) {
                return Duration.ofNanos(NANOS[bucket]);
            }
        }
        return Duration.ofNanos(NANOS[NANOS.length - 1]);
    }

    /** Both together. */
    DurationHistogram plus(DurationHistogram other) {
        return new DurationHistogram(IntStream.range(0, BUCKETS)
                .mapToObj(bucket -> counts.get(bucket) + other.counts.get(bucket))
                .toList());
    }

    /** What was counted since {@code earlier}. */
    public DurationHistogram minus(DurationHistogram earlier) {
        return new DurationHistogram(IntStream.range(0, BUCKETS)
                .mapToObj(bucket -> counts.get(bucket) - earlier.counts.get(bucket))
                .toList());
    }
}
