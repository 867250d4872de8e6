package io.lb4j.testing;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** What threads allocate, counted by the JVM for each of them: the same in every run of the same code. */
public final class Allocations {
    private Allocations() {}

    /** Bytes that this thread allocates in one of so many runs, once it has done it as often before. */
    public static long each(int times, Runnable action) {
        run(times, action);
        @SuppressWarnings("deprecation") // threadId() is there from 19 on
        long thread = Thread.currentThread().getId();
        long before = of(thread);
        run(times, action);
        return (of(thread) - before) / times;
    }

    private static void run(int times, Runnable action) {
        for (int i = 0; i < times; i++) {
            action.run();
        }
    }

    /** Bytes so far. By name, because the method is not of the standard interface. */
    private static long of(long thread) {
        try {
            return (Long) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("java.lang:type=Threading"),
                            "getThreadAllocatedBytes",
                            new Object[] {thread},
                            new String[] {"long"});
        } catch (JMException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
