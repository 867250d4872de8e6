package io.lb4j.internal.util;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The file descriptors of this process. */
final class Descriptors {
    private static final long LEAST_RESERVE = 64;
    private static final long MOST_RESERVE = 1000;

    private Descriptors() {}

    /**
     * How many connections, at two descriptors each, the process has room for now, with a tenth of all descriptors (64 to
     * 1,000) kept for the application. At least 1; the maximum where the system does not tell.
     */
    static int connectionsThatFit() {
        try {
            if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
                return connectionsThatFit(system.getMaxFileDescriptorCount(), system.getOpenFileDescriptorCount());
            }
        } catch (LinkageError noSuchModule) {
            // A runtime without java.management or jdk.management.
        }
        return Integer.MAX_VALUE;
    }

    static int connectionsThatFit(long most, long open) {
        if (most < 0 || open < 0) {
            return Integer.MAX_VALUE;
        }
        long reserve = Math.max(LEAST_RESERVE, Math.min(most / 10, MOST_RESERVE));
        return (int) Math.max(1, Math.min((most - open - reserve) / 2, Integer.MAX_VALUE));
    }
}
