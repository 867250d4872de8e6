package io.lb4j.testing;

import java.io.IOException;
import java.util.SplittableRandom;

/** An endless stream of bytes that a seed stands for. Not thread-safe. */
public final class RandomStream {
    private final SplittableRandom random;
    private final byte[] block = new byte[8192];
    private int used = block.length;

    public RandomStream(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Takes bytes of the stream as they come. */
    @FunctionalInterface
    public interface Sink {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    /** The next {@code count} bytes. */
    public byte[] next(int count) {
        byte[] bytes = new byte[count];
        int[] filled = new int[1];
        try {
            next(count, (from, offset, length) -> {
                System.arraycopy(from, offset, bytes, filled[0], length);
                filled[0] += length;
            });
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes;
    }

    /** Hands the next {@code count} bytes to the sink, in pieces. */
    public void next(long count, Sink sink) throws IOException {
        for (long left = count; left > 0; ) {
            if (used == block.length) {
                random.nextBytes(block);
                used = 0;
            }
            int length = (int) Math.min(left, block.length - used);
            sink.write(block, used, length);
            used += length;
            left -= length;
        }
    }
}
