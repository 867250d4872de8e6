package io.lb4j.internal.loop;

import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.jspecify.annotations.Nullable;

/** The memory that the connections of one loop share. Confined to its loop. */
public final class LoopMemory {
    static {
        Preload.classes(Chunk.class, Pipe.class, PipePool.class, ReadBuffer.class, SplicePipe.class);
    }

    /**
     * The largest read. On the machine we measure on (L2 of 1 MiB a core) 512 KiB costs 12 to 34 % less CPU a byte of a
     * fast stream than 256 KiB; 1 MiB costs more again.
     */
    public static final int LARGEST_READ = 512 * 1024;

    /**
     * A stream is spliced when so many more of its turns have brought much than little. Some of a fast stream do bring little:
     * its loop wakes up for the first bytes. So it may have as many to spare as {@link #MOST_LARGE_TURNS} leaves.
     */
    private static final int LARGE_TURNS = 3;

    private static final int MOST_LARGE_TURNS = 16;

    /**
     * Of a proxy. Each has two descriptors and 1 MiB of the 64 MiB that Linux lets a user without privileges have in pipes
     * ({@code pipe-user-pages-soft}): others need some, too. Streams that find none are copied.
     */
    private static final int MOST_PIPES = 16;

    private final BufferBudget budget;
    private final ChunkPool chunks;
    private final @Nullable PipePool pipes;
    private @Nullable ReadBuffer buffer;
    private @Nullable RecordBuffers records;

    /** @param loops how many share the budget */
    public LoopMemory(BufferBudget budget, int loops, SelectorProvider sockets) {
        this.budget = budget;
        chunks = new ChunkPool(LARGEST_READ, budget, budget.spare(loops), this);
        pipes = sockets instanceof Splicing splicing
                ? new PipePool(splicing, this, Math.max(1, MOST_PIPES / loops))
                : null;
    }

    /** How much all connections, those of other loops too, may keep. */
    public BufferBudget budget() {
        return budget;
    }

    ChunkPool chunks() {
        return chunks;
    }

    /** Makes what the first read will need. */
    public void prepare() {
        buffer();
    }

    /** Not before it is needed: a loop without connections does without it. */
    ReadBuffer buffer() {
        ReadBuffer present = buffer;
        return present == null ? newBuffer() : present;
    }

    private ReadBuffer newBuffer() {
        ReadBuffer fresh = new ReadBuffer(ByteBuffer.allocateDirect(LARGEST_READ), chunks);
        buffer = fresh;
        return fresh;
    }

    /**
     * How much may be read of a socket before there is anybody to say it to, if it would like so much and so much of it is
     * held already. When the budget is spent nobody holds more than the least.
     */
    public int allowanceAhead(int wanted, int held) {
        return budget.isSpent() ? Math.min(wanted, BufferBudget.LEAST - held) : budget.allowance(wanted);
    }

    /**
     * Reads what a socket has to say before there is anybody to say it to, at most what there is an allowance for.
     *
     * @return as {@link SocketChannel#read(ByteBuffer)}
     */
    public int readAhead(SocketChannel channel, int wanted) throws IOException {
        return buffer().fill(channel, allowanceAhead(wanted, 0));
    }

    /** The same of one of which more is known than of a socket. */
    public int readAhead(Source source, int wanted) throws IOException {
        return buffer().fill(source, allowanceAhead(wanted, 0));
    }

    /** Reads what nobody wants to know. */
    public int discard(SocketChannel channel) throws IOException {
        return buffer().fill(channel, LARGEST_READ);
    }

    /** Keeps what {@link #readAhead} has brought, behind these bytes, which are given up for it. */
    public Chunk keepAhead(@Nullable Chunk before) {
        return before == null ? buffer().keep() : buffer().keepBehind(before);
    }

    /** Keeps what remains of this, which is not empty and no longer than the largest read. */
    public Chunk keep(ByteBuffer content) {
        return chunks.take(content);
    }

    /** Keeps it behind these bytes, which are given up for it. */
    public Chunk keepBehind(Chunk before, ByteBuffer content) {
        return chunks.take(before, content);
    }

    /** Not before it is needed: most loops do without TLS. */
    public RecordBuffers records() {
        RecordBuffers present = records;
        if (present == null) {
            present = new RecordBuffers();
            records = present;
        }
        return present;
    }

    /** What the next bytes of a stream pass through, of which so many more turns have brought much than little. */
    public Passage passage(int largeTurns) {
        Pipe pipe = pipes == null || largeTurns < LARGE_TURNS || budget.isSpent() ? null : pipes.current();
        return pipe == null ? buffer() : pipe;
    }

    /** How many more turns have brought much than little, after one that has brought so many bytes. */
    public int largeTurns(int before, int bytes) {
        if (pipes == null) {
            return 0;
        }
        return bytes >= pipes.worthwhile() ? Math.min(before + 1, MOST_LARGE_TURNS) : Math.max(0, before - 1);
    }

    /** There is no connection: frees what the collector does not, until it is needed again. Does not fail. */
    public void release() {
        if (pipes != null) {
            pipes.release();
        }
    }
}
