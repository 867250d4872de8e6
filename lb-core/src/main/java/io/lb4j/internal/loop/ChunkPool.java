package io.lb4j.internal.loop;

import org.jspecify.annotations.Nullable;

/**
 * Memory for bytes that one side has sent and the other does not take yet. Confined to its loop.
 *
 * <p>Heap arrays, not direct buffers: they need no limit of their own, an exhausted heap hurts the one connection that
 * asked, and what is not kept for later goes back to the collector. Sizes are powers of two from 4 KiB to the loop's
 * buffer.
 */
public final class ChunkPool {
    /**
     * The largest read. On the machine we measure on (L2 of 1 MiB a core) 512 KiB costs 12 to 34 % less CPU a byte of a
     * fast stream than 256 KiB; 1 MiB costs more again.
     */
    public static final int LARGEST_READ = 512 * 1024;

    /** The most a loop keeps for later. */
    public static final int MOST_SPARE = 8 << 20;

    private static final int SMALLEST_LOG2 = 12;
    private static final int SPARE_OF_A_SIZE = 32;

    private final BufferBudget budget;
    private final int mostSpare;
    private final byte[] @Nullable [] spare;
    private final int[] spareOfSize;
    private int spareBytes;

    /** @param mostSpare how many bytes may be kept for later */
    public ChunkPool(int largest, BufferBudget budget, int mostSpare) {
        this.budget = budget;
        this.mostSpare = mostSpare;
        int sizes = classOf(largest) + 1;
        spare = new byte[sizes * SPARE_OF_A_SIZE][];
        spareOfSize = new int[sizes];
    }

    /** An array of at least {@code size} bytes with unknown content. */
    public byte[] take(int size) {
        int sizeClass = classOf(size);
        byte[] chunk = takeSpare(sizeClass);
        if (chunk == null) {
            chunk = new byte[1 << (sizeClass + SMALLEST_LOG2)];
        }
        budget.take(chunk.length);
        return chunk;
    }

    private byte @Nullable [] takeSpare(int sizeClass) {
        if (spareOfSize[sizeClass] == 0) {
            return null;
        }
        int index = sizeClass * SPARE_OF_A_SIZE + --spareOfSize[sizeClass];
        byte[] chunk = spare[index];
        spare[index] = null;
        spareBytes -= 1 << (sizeClass + SMALLEST_LOG2);
        return chunk;
    }

    /** Must not fail, and allocates nothing: it is a part of every end. */
    public void giveBack(byte[] chunk) {
        budget.giveBack(chunk.length);
        int sizeClass = classOf(chunk.length);
        if (spareBytes + chunk.length <= mostSpare && spareOfSize[sizeClass] < SPARE_OF_A_SIZE) {
            spareBytes += chunk.length;
            spare[sizeClass * SPARE_OF_A_SIZE + spareOfSize[sizeClass]++] = chunk;
        }
    }

    private static int classOf(int size) {
        return Math.max(0, 32 - Integer.numberOfLeadingZeros(size - 1) - SMALLEST_LOG2);
    }
}
