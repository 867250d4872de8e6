package io.lb4j.internal.pool;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.util.Counts;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.DurationHistogram;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** What has happened to one backend, counted by all loops and the control thread: a few times for each connection. */
final class BackendCounters {
    private static final int ATTEMPTS = 0;
    private static final int BYTES_TO_BACKEND = 1;
    private static final int BYTES_TO_CLIENT = 2;
    private static final int CHECKS_PASSED = 3;
    private static final int CHECKS_FAILED = 4;
    private static final int EJECTIONS = 5;
    private static final int CLOSED = 6;
    private static final int CONNECT_FAILED = CLOSED + CloseReason.values().length;
    private static final int CONNECTED = CONNECT_FAILED + ConnectFailure.values().length;

    private final AtomicLongArray values = new AtomicLongArray(CONNECTED + DurationHistogram.BUCKETS);

    void attempted() {
        values.incrementAndGet(ATTEMPTS);
    }

    void notAttempted() {
        values.decrementAndGet(ATTEMPTS);
    }

    void connected(long nanos) {
        values.incrementAndGet(CONNECTED + DurationHistogram.bucketOf(nanos));
    }

    void connectFailed(Throwable cause) {
        values.incrementAndGet(CONNECT_FAILED + ConnectFailure.of(cause).ordinal());
    }

    void ended(CloseReason reason, long bytesToBackend, long bytesToClient) {
        values.incrementAndGet(CLOSED + reason.ordinal());
        values.addAndGet(BYTES_TO_BACKEND, bytesToBackend);
        values.addAndGet(BYTES_TO_CLIENT, bytesToClient);
    }

    void checked(boolean passed) {
        values.incrementAndGet(passed ? CHECKS_PASSED : CHECKS_FAILED);
    }

    void ejected() {
        values.incrementAndGet(EJECTIONS);
    }

    BackendStats stats(long active) {
        long[] connected = new long[DurationHistogram.BUCKETS];
        for (int bucket = 0; bucket < connected.length; bucket++) {
            connected[bucket] = values.get(CONNECTED + bucket);
        }
        return new BackendStats(
                active,
                values.get(ATTEMPTS),
                counts(ConnectFailure.class, CONNECT_FAILED),
                DurationHistogram.of(connected),
                counts(CloseReason.class, CLOSED),
                values.get(BYTES_TO_BACKEND),
                values.get(BYTES_TO_CLIENT),
                values.get(CHECKS_PASSED),
                values.get(CHECKS_FAILED),
                values.get(EJECTIONS));
    }

    private <K extends Enum<K>> Map<K, Long> counts(Class<K> type, int first) {
        return Counts.of(type, key -> values.get(first + key.ordinal()));
    }
}
