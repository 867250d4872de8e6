package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What a proxy in a JVM of its own tells of itself: for each line it reads one number, bytes. It ends when its input
 * ends. {@link JvmProcess} asks.
 */
final class Answers {
    /** Allocated so far by the threads that relay. */
    static final char ALLOCATED = 'a';

    /** In use after a collection: heap and direct buffers. */
    static final char USED = 'u';

    private final Predicate<String> relays;
    private final LongSupplier otherDirect;

    /**
     * @param relays whether a thread of this name relays, or does handshakes
     * @param otherDirect bytes of direct memory that the JVM does not count
     */
    Answers(Predicate<String> relays, LongSupplier otherDirect) {
        this.relays = relays;
        this.otherDirect = otherDirect;
    }

    void serve() throws IOException {
        for (int question = System.in.read(); question >= 0; question = System.in.read()) {
            switch (question) {
                case ALLOCATED -> System.out.println(allocated());
                case USED -> System.out.println(used());
                default -> {}
            }
        }
    }

    private long allocated() {
        long bytes = 0;
        var beans = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (ThreadInfo thread : beans.getThreadInfo(beans.getAllThreadIds())) {
            if (thread != null && relays.test(thread.getThreadName())) {
                bytes += beans.getThreadAllocatedBytes(thread.getThreadId());
            }
        }
        return bytes;
    }

    private long used() {
        // Twice: the first makes buffers known to be unused, whose memory the second finds freed.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + direct() + otherDirect.getAsLong();
    }

    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
