package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** Memory of processes that is in RAM now. */
final class Memory {
    private Memory() {}

    /** Bytes, of all of them. Pages they share count for each. */
    static long resident(Collection<Long> pids) throws IOException {
        long kib = 0;
        for (long pid : pids) {
            kib += resident(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
        }
        return kib * 1024;
    }

    private static long resident(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
