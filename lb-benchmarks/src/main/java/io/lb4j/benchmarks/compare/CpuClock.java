package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The CPU time of some processes, with all their threads.
 *
 * <p>Read from {@code /proc/PID/task/TID/schedstat}: nanoseconds on a core and nanoseconds runnable without one, brought
 * up to date at least at every timer tick. Where the kernel has none, from {@code stat}, in ticks of 10 ms and without
 * the time waited.
 */
final class CpuClock {
    private static final long NANOS_PER_TICK = 10_000_000;

    /**
     * What was used between two readings.
     *
     * @param ran nanoseconds on a core
     * @param waited nanoseconds it wanted to run and another thread had the core
     */
    record Usage(long ran, long waited) {}

    private final Map<Path, Usage> threads = new HashMap<>();

    private CpuClock() {}

    static CpuClock read(Collection<Long> pids) {
        CpuClock clock = new CpuClock();
        pids.forEach(clock::add);
        return clock;
    }

    /** A thread that was not there earlier counts whole; what one that is gone used since is lost. */
    Usage since(CpuClock earlier) {
        long ran = 0;
        long waited = 0;
        for (Map.Entry<Path, Usage> thread : threads.entrySet()) {
            Usage before = earlier.threads.getOrDefault(thread.getKey(), new Usage(0, 0));
            ran += thread.getValue().ran() - before.ran();
            waited += thread.getValue().waited() - before.waited();
        }
        return new Usage(ran, waited);
    }

    private void add(long pid) {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                addThread(task);
            }
        } catch (IOException gone) {
            throw new UncheckedIOException("process " + pid + " is gone", gone);
        }
    }

    private void addThread(Path task) throws IOException {
        try {
            threads.put(task, usage(task));
        } catch (IOException failure) {
            if (Files.exists(task)) {
                throw failure;
            }
        }
    }

    private static Usage usage(Path task) throws IOException {
        Path schedstat = task.resolve("schedstat");
        if (!Files.exists(schedstat)) {
            return ticks(Files.readString(task.resolve("stat")));
        }
        String[] fields = Files.readString(schedstat).trim().split(" ");
        return new Usage(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
    }

    /** Fields 14 and 15, utime and stime, counted after the name, which may hold blanks and brackets. */
    private static Usage ticks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new Usage((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK, 0);
    }
}
