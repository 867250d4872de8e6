package io.lb4j.internal.loop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** The buffer of a loop, which is in this process: what passes through it is copied. Confined to its loop. */
final class ReadBuffer implements Passage {
    private final ByteBuffer buffer;
    private final ChunkPool chunks;

    ReadBuffer(ByteBuffer buffer, ChunkPool chunks) {
        this.buffer = buffer.limit(0);
        this.chunks = chunks;
    }

    @Override
    public int capacity() {
        return LoopMemory.LARGEST_READ;
    }

    @Override
    public int sizeOf(int readSize) {
        return readSize;
    }

    @Override
    public int fill(Source source, int most) throws IOException {
        int read = source.read(buffer.clear().limit(most));
        buffer.flip();
        return read;
    }

    /** The same of a socket that nothing else is known of. */
    int fill(SocketChannel channel, int most) throws IOException {
        int read = channel.read(buffer.clear().limit(most));
        buffer.flip();
        return read;
    }

    @Override
    public @Nullable Passage after(int read, int wanted) {
        return read < wanted ? null : this;
    }

    @Override
    public boolean isEmpty() {
        return !buffer.hasRemaining();
    }

    @Override
    public int writeTo(Sink sink) throws IOException {
        return sink.write(buffer);
    }

    @Override
    public boolean mayTakeMore(int written) {
        return false;
    }

    @Override
    public Chunk keep() {
        return chunks.take(buffer);
    }

    /** Keeps what it holds behind these bytes, which are given up for it. */
    Chunk keepBehind(Chunk before) {
        return chunks.take(before, buffer);
    }

    /** Writes a copy of these, from here to the end, and of what was said behind them, with no regard to what it holds. */
    int write(Sink sink, byte[] prefix, int from, @Nullable Chunk said) throws IOException {
        buffer.clear().put(prefix, from, prefix.length - from);
        if (said != null) {
            buffer.put(said.memory(), said.from(), said.size());
        }
        return sink.write(buffer.flip());
    }

    /** Writes a copy of these, with no regard to what it holds. */
    int write(Sink sink, byte[] memory, int from, int size) throws IOException {
        return sink.write(buffer.clear().limit(size).put(0, memory, from, size));
    }
}
