package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * The bytes that are sent: noise that repeats with a period which is no multiple of any buffer's size, so that bytes that
 * are lost, doubled or swapped do not look like those that were due. Confined to the load thread.
 */
final class Pattern {
    static final int LONGEST = 256 * 1024;
    private static final int PERIOD = 65_521;

    private final ByteBuffer bytes;

    Pattern() {
        byte[] noise = new byte[PERIOD];
        new Random(1).nextBytes(noise);
        bytes = ByteBuffer.allocateDirect(PERIOD + LONGEST);
        while (bytes.hasRemaining()) {
            bytes.put(noise, 0, Math.min(PERIOD, bytes.remaining()));
        }
    }

    /** The {@code length} bytes due at {@code offset}. Valid until the next call. */
    ByteBuffer at(long offset, int length) {
        int from = (int) (offset % PERIOD);
        return bytes.limit(from + length).position(from);
    }

    /** Checks what remains in {@code received} against what is due at {@code offset}. */
    void check(long offset, ByteBuffer received) throws IOException {
        int mismatch = at(offset, received.remaining()).mismatch(received);
        if (mismatch >= 0) {
            throw new IOException("wrong byte at " + (offset + mismatch));
        }
    }
}
