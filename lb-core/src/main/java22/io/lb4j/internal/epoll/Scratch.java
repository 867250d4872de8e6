package io.lb4j.internal.epoll;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Memory for the arguments of one call, for each thread its own. What a call leaves there is taken before the next one. */
final class Scratch {
    /** A {@code struct sockaddr_storage}. */
    static final int ADDRESS_BYTES = 128;

    static final int VALUE_BYTES = 16;

    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    /** For {@code errno}. */
    final MemorySegment state;

    final MemorySegment address;
    final MemorySegment length;
    final MemorySegment value;
    final MemorySegment event;

    private @Nullable ByteBuffer lastBuffer;
    private long lastAddress;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        state = arena.allocate(Linker.Option.captureStateLayout());
        address = arena.allocate(ADDRESS_BYTES, ValueLayout.JAVA_LONG.byteSize());
        length = arena.allocate(ValueLayout.JAVA_INT);
        value = arena.allocate(VALUE_BYTES, ValueLayout.JAVA_LONG.byteSize());
        event = arena.allocate(EpollEvents.BYTES, ValueLayout.JAVA_LONG.byteSize());
    }

    static Scratch get() {
        return OF_THREAD.get();
    }

    void length(int bytes) {
        length.set(ValueLayout.JAVA_INT, 0, bytes);
    }

    void value(int index, int number) {
        value.setAtIndex(ValueLayout.JAVA_INT, index, number);
    }

    int value(int index) {
        return value.getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /** Where a direct buffer lies, from its index 0 on. */
    @SuppressWarnings("ReferenceEquality") // two buffers of the same content lie elsewhere
    long addressOf(ByteBuffer direct) {
        if (direct != lastBuffer) {
            // Of all of it: a slice begins at its position.
            lastAddress = MemorySegment.ofBuffer(direct.duplicate().clear()).address();
            lastBuffer = direct;
        }
        return lastAddress;
    }
}
