package io.lb4j.internal.loop;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Memory of a {@link ChunkPool}, and the bytes that it holds. Confined to its loop. */
public final class Chunk implements Pending {
    /** What is copied to the loop's buffer is copied in vain when the sink does not take it; so it is not much. */
    private static final int LARGEST_WRITE = 64 * 1024;

    private final LoopMemory loop;
    private final byte[] memory;
    private int from;
    private int to;

    Chunk(LoopMemory loop, int size) {
        this.loop = loop;
        memory = new byte[size];
    }

    int capacity() {
        return memory.length;
    }

    /** Holds from now on what remains of it, which is no more than there is room for. */
    void fill(ByteBuffer content) {
        from = 0;
        to = content.remaining();
        content.get(memory, 0, to);
    }

    /** Holds this behind what it holds already. Returns false, and holds no more than before, where there is no room. */
    boolean append(ByteBuffer content) {
        int size = content.remaining();
        if (size > memory.length - to) {
            return false;
        }
        content.get(memory, to, size);
        to += size;
        return true;
    }

    ByteBuffer content() {
        return ByteBuffer.wrap(memory, from, to - from);
    }

    /** The bytes that it holds begin at {@link #from} and end before {@link #to}; to be looked at only. */
    public byte[] memory() {
        return memory;
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    @Override
    public int size() {
        return to - from;
    }

    /** Holds so many of its first bytes no more. */
    public void skip(int bytes) {
        from += bytes;
    }

    @Override
    public boolean isEmpty() {
        return from == to;
    }

    @Override
    public int writeTo(Sink sink) throws IOException {
        int written = loop.buffer().write(sink, memory, from, Math.min(to - from, LARGEST_WRITE));
        from += written;
        return written;
    }

    @Override
    public boolean mayTakeMore(int written) {
        return written == LARGEST_WRITE;
    }

    @Override
    public void giveBack() {
        loop.chunks().giveBack(this);
    }
}
