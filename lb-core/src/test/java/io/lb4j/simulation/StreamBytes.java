package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** The bytes of every stream: noise with a period that is no multiple of any buffer's size, begun somewhere else in each. */
final class StreamBytes {
    private static final int PERIOD = 65_521;
    private static final int LONGEST = 1 << 20;
    private static final byte[] NOISE = noise();

    private StreamBytes() {}

    private static byte[] noise() {
        byte[] noise = new byte[PERIOD + LONGEST];
        byte[] period = new byte[PERIOD];
        new SplittableRandom(1).nextBytes(period);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = period[i % PERIOD];
        }
        return noise;
    }

    /** Puts the {@code size} bytes that stand at {@code position} of the stream. */
    static void put(ByteBuffer into, int stream, long position, int size) {
        into.put(NOISE, start(stream, position), size);
    }

    /** Whether the bytes between position and limit are those that stand at {@code position} of the stream. */
    static boolean match(ByteBuffer bytes, int stream, long position) {
        int start = start(stream, position);
        return ByteBuffer.wrap(NOISE, start, bytes.remaining()).mismatch(bytes) < 0;
    }

    private static int start(int stream, long position) {
        return (int) ((stream * 7919L + position) % PERIOD);
    }
}
