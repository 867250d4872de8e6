package io.lb4j.internal.loop;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Memory for bytes that one side has sent and the other does not take yet. Confined to its loop.
 *
 * <p>Heap arrays, not direct buffers: they need no limit of their own, an exhausted heap hurts the one connection that
 * asked, and what is not kept for later goes back to the collector. There are four sizes to a power of two, from 512 B to the
 * loop's buffer: at most a fifth of a memory is held in vain, and clients who have said half of what they have to say may be
 * many.
 */
final class ChunkPool {
    /** The most a loop keeps for later. */
    static final int MOST_SPARE = 8 << 20;

    private static final int SMALLEST_LOG2 = 9;
    private static final int SMALLEST = 1 << SMALLEST_LOG2;
    private static final int SPARE_OF_A_SIZE = 32;

    private final BufferBudget budget;
    private final LoopMemory loop;
    private final int mostSpare;
    private final @Nullable Chunk[] spare;
    private final int[] spareOfSize;
    private int spareBytes;

    /** @param mostSpare how many bytes may be kept for later */
    ChunkPool(int largest, BufferBudget budget, int mostSpare, LoopMemory loop) {
        this.loop = loop;
        this.budget = budget;
        this.mostSpare = mostSpare;
        int sizes = classOf(largest) + 1;
        spare = new Chunk[sizes * SPARE_OF_A_SIZE];
        spareOfSize = new int[sizes];
    }

    /** Memory that holds what remains of this, which is not empty and no longer than the largest read. */
    Chunk take(ByteBuffer content) {
        Chunk chunk = empty(classOf(content.remaining()));
        chunk.fill(content);
        budget.take(chunk.capacity());
        return chunk;
    }

    /** Memory that holds these bytes and, behind them, what remains of this; their own memory is given back. */
    Chunk take(Chunk before, ByteBuffer content) {
        if (before.append(content)) {
            return before;
        }
        Chunk both = empty(classOf(before.size() + content.remaining()));
        both.fill(before.content());
        both.append(content);
        budget.take(both.capacity());
        before.giveBack();
        return both;
    }

    private Chunk empty(int sizeClass) {
        Chunk chunk = takeSpare(sizeClass);
        return chunk == null ? new Chunk(loop, sizeOf(sizeClass)) : chunk;
    }

    private @Nullable Chunk takeSpare(int sizeClass) {
        if (spareOfSize[sizeClass] == 0) {
            return null;
        }
        int index = sizeClass * SPARE_OF_A_SIZE + --spareOfSize[sizeClass];
        Chunk chunk = Objects.requireNonNull(spare[index]);
        spare[index] = null;
        spareBytes -= chunk.capacity();
        return chunk;
    }

    /** Must not fail, and allocates nothing: it is a part of every end. */
    void giveBack(Chunk chunk) {
        int size = chunk.capacity();
        budget.giveBack(size);
        int sizeClass = classOf(size);
        if (spareBytes + size <= mostSpare && spareOfSize[sizeClass] < SPARE_OF_A_SIZE) {
            spareBytes += size;
            spare[sizeClass * SPARE_OF_A_SIZE + spareOfSize[sizeClass]++] = chunk;
        }
    }

    /** The first that is not smaller: its two low bits say how many quarters it is beyond a power of two. */
    private static int classOf(int size) {
        if (size <= SMALLEST) {
            return 0;
        }
        int log2 = 31 - Integer.numberOfLeadingZeros(size - 1);
        return ((log2 - SMALLEST_LOG2) << 2) + (((size - 1) >> (log2 - 2)) & 3) + 1;
    }

    private static int sizeOf(int sizeClass) {
        return (4 + (sizeClass & 3)) << ((sizeClass >> 2) + SMALLEST_LOG2 - 2);
    }
}
