package io.lb4j.proxy;

import java.util.ArrayDeque;

/**
 * Memory for bytes that one side has sent and the other does not take yet. Confined to its loop.
 *
 * <p>Heap arrays, not direct buffers: they need no limit of their own, an exhausted heap hurts the one connection that
 * asked, and what is not pooled goes back to the collector. Sizes are powers of two from 4 KiB to the loop's buffer.
 */
final class ChunkPool {
    private static final int SMALLEST_LOG2 = 12;
    private static final int MAX_POOLED_BYTES = 8 << 20;

    private final ArrayDeque<byte[]>[] free;
    private int pooledBytes;

    @SuppressWarnings({"unchecked", "rawtypes"})
    ChunkPool(int largest) {
        free = new ArrayDeque[classOf(largest) + 1];
        for (int i = 0; i < free.length; i++) {
            free[i] = new ArrayDeque<>();
        }
    }

    /** An array of at least {@code size} bytes with unknown content. */
    byte[] take(int size) {
        int sizeClass = classOf(size);
        byte[] chunk = free[sizeClass].poll();
        if (chunk == null) {
            return new byte[1 << (sizeClass + SMALLEST_LOG2)];
        }
        pooledBytes -= chunk.length;
        return chunk;
    }

    void giveBack(byte[] chunk) {
        if (pooledBytes + chunk.length <= MAX_POOLED_BYTES) {
            pooledBytes += chunk.length;
            free[classOf(chunk.length)].push(chunk);
        }
    }

    private static int classOf(int size) {
        return Math.max(0, 32 - Integer.numberOfLeadingZeros(size - 1) - SMALLEST_LOG2);
    }
}
