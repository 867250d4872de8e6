package io.lb4j.internal.loop;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Memory of a {@link ChunkPool}, and the bytes that it holds. Confined to its loop. */
final class Chunk implements Pending {
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
