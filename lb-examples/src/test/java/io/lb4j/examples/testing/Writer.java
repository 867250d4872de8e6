package io.lb4j.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Appends numbers one after another through a pool, each as often as it takes until it is acknowledged, and notes which
 * were. Closing it ends it and the pool.
 */
public final class Writer implements AutoCloseable {
    /** How one is written. */
    @FunctionalInterface
    public interface Append {
        /** Returns when it is acknowledged. */
        void append(DataSource pool, int number) throws SQLException;
    }

    private final HikariDataSource pool;
    private final Append append;
    private final Map<Integer, Long> acknowledged = new ConcurrentSkipListMap<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private int next;

    private Writer(int first, HikariDataSource pool, Append append) {
        this.next = first;
        this.pool = pool;
        this.append = append;
    }

    /** Starts one, with this number. */
    public static Writer start(int first, HikariDataSource pool, Append append) {
        Writer writer = new Writer(first, pool, append);
        writer.thread.scheduleWithFixedDelay(writer::write, 0, 5, TimeUnit.MILLISECONDS);
        return writer;
    }

    private void write() {
        try {
            append.append(pool, next);
            acknowledged.put(next, System.nanoTime());
            next++;
        } catch (SQLException notAcknowledged) {
            failures.incrementAndGet();
        }
    }

    /** Waits until so many more were acknowledged. */
    public void awaitMore(int count) {
        int before = acknowledged.size();
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> acknowledged.size() >= before + count);
    }

    /** The same, with other connections than those that the pool has now. */
    public void awaitMoreOnNewConnections(int count) {
        pool.getHikariPoolMXBean().softEvictConnections();
        awaitMore(count);
    }

    /** How long after this moment the first one was acknowledged. */
    public Duration firstAfter(long nanoTime) {
        long first = acknowledged.values().stream()
                .mapToLong(Long::longValue)
                .filter(at -> at - nanoTime > 0)
                .min()
                .orElseThrow();
        return Duration.ofNanos(first - nanoTime);
    }

    /** How many were acknowledged that are not among these. */
    public long lost(Set<Integer> rows) {
        return acknowledged.keySet().stream()
                .filter(number -> !rows.contains(number))
                .count();
    }

    /** What became of it, when somebody was told to be the primary at this moment. */
    public String story(long promoted, Set<Integer> rows) {
        return "first write %d ms after the order to promote, %d errors, %d of %d acknowledged rows lost"
                .formatted(firstAfter(promoted).toMillis(), failures.get(), lost(rows), acknowledged.size());
    }

    /** Ends it; what it is just writing is still noted. */
    public void stop() {
        thread.shutdown();
        try {
            assertThat(thread.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        // A write that waits for ever ends with its connection.
        pool.close();
        stop();
    }
}
