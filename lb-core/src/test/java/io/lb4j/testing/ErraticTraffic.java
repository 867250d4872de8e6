package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Sends and checks a stream of bytes in pieces of 1 to 70,000 bytes with short breaks in between. What is sent depends
 * on {@code seed} alone; how it is cut differs on both ends.
 */
public final class ErraticTraffic {
    private static final int LARGEST_PIECE = 70_000;

    private final long count;
    private final long seed;

    public ErraticTraffic(long count, long seed) {
        this.count = count;
        this.seed = seed;
    }

    /** Sends everything and ends the stream. */
    public void send(Peer peer) throws IOException {
        SplittableRandom chance = new SplittableRandom(seed + 1);
        RandomStream content = new RandomStream(seed);
        OutputStream out = peer.socket().getOutputStream();
        for (long left = count; left > 0; ) {
            int size = (int) Math.min(left, piece(chance));
            out.write(content.next(size));
            left -= size;
            sometimesPause(chance);
        }
        peer.fin();
    }

    /** Reads to the end, and fails at the first byte that is not the right one. */
    public void check(Peer peer) throws IOException {
        SplittableRandom chance = new SplittableRandom(seed + 2);
        RandomStream content = new RandomStream(seed);
        InputStream in = peer.socket().getInputStream();
        byte[] buffer = new byte[LARGEST_PIECE];
        long received = 0;
        for (int n = in.read(buffer, 0, piece(chance)); n >= 0; n = in.read(buffer, 0, piece(chance))) {
            int wrong = Arrays.mismatch(buffer, 0, n, content.next(n), 0, n);
            assertThat(wrong)
                    .as("seed %d: first wrong byte after %d right ones, in the piece", seed, received)
                    .isEqualTo(-1);
            received += n;
            sometimesPause(chance);
        }
        assertThat(received).as("seed %d: bytes until the end", seed).isEqualTo(count);
    }

    /** Half of them are small: a size is drawn first, then a piece of up to that size. */
    private static int piece(SplittableRandom chance) {
        return chance.nextInt(1, chance.nextInt(2, LARGEST_PIECE + 1));
    }

    private static void sometimesPause(SplittableRandom chance) {
        if (chance.nextInt(50) == 0) {
            Background.pause(chance.nextInt(3));
        }
    }
}
