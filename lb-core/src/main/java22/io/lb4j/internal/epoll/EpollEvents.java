package io.lb4j.internal.epoll;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Room for what one wait brings: an array of {@code struct epoll_event}. Confined to its selector's thread. */
final class EpollEvents implements AutoCloseable {
    static final int CAPACITY = 1024;

    /** The struct is packed on x86-64 and nowhere else (epoll.h). */
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

    static final int BYTES = PACKED ? 12 : 16;

    private static final int DATA = PACKED ? 4 : 8;

    /** Not a part of the direct memory that the JVM is limited to: of that there may be none left. */
    private final Arena arena = Arena.ofShared();

    private final MemorySegment memory = arena.allocate((long) CAPACITY * BYTES, ValueLayout.JAVA_LONG.byteSize());

    MemorySegment memory() {
        return memory;
    }

    int events(int index) {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, (long) index * BYTES);
    }

    long data(int index) {
        return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) index * BYTES + DATA);
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        arena.close();
    }

    /** Writes one. */
    static void put(MemorySegment event, int events, long data) {
        event.set(ValueLayout.JAVA_INT_UNALIGNED, 0, events);
        event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA, data);
    }
}
