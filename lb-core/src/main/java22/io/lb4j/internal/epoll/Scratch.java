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
    private @Nullable MemorySegment lastWhole;

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

    /** What remains of a direct buffer. */
    MemorySegment remaining(ByteBuffer direct) {
        MemorySegment whole = whole(direct);
        int from = direct.position();
        return from == 0 ? whole : whole.asSlice(from);
    }

    /** From its index 0 on: that of the buffer before is at hand, as a loop has one for all. */
    @SuppressWarnings("ReferenceEquality") // two buffers of the same content lie elsewhere
    private MemorySegment whole(ByteBuffer direct) {
        MemorySegment present = lastWhole;
        if (direct != lastBuffer || present == null) {
            present = MemorySegment.ofBuffer(direct.duplicate().clear());
            lastWhole = present;
            lastBuffer = direct;
        }
        return present;
    }
}
