package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files a process may have open here: each pair of connections costs two in the proxy and two in the load. */
final class Descriptors {
    /** For everything that is no relayed connection. */
    private static final int SPARE = 800;

    /** Enough for every work, and few enough that no proxy's tables get large. */
    private static final int ENOUGH = 9_500;

    private Descriptors() {}

    /** How many pairs a proxy can be asked to hold. */
    static int mostPairs() {
        return mostPairs(limit());
    }

    static int mostPairs(long limit) {
        return (int) Math.max(1, Math.min(ENOUGH, (limit - SPARE) / 2));
    }

    /** The hard one: a JVM raises its own to it, and who is started by it begins there. */
    static long limit() {
        try {
            return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s+")[4])
                    .mapToLong(hard -> hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard))
                    .findFirst()
                    .orElse(1024);
        } catch (IOException unknown) {
            return 1024;
        }
    }
}
