package io.lb4j.preface;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** Bytes that are nearly right. */
final class Mutations {
    private static final byte[] TELLING = {
        0, 1, 2, 3, 4, 5, 16, 22, '\r', '\n', ' ', ':', '.', '0', '9', 'f', 0x7f, -128, -1
    };

    private Mutations() {}

    /** The same with one thing changed, or a few. */
    static byte[] of(byte[] sample, Random random) {
        byte[] mutated = sample;
        do {
            mutated = once(mutated, random);
        } while (random.nextInt(3) == 0);
        return mutated;
    }

    private static byte[] once(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        byte[] mutated = bytes.clone();
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(8)) {
            case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> mutated[at] = (byte) random.nextInt();
            case 2 -> mutated[at] += (byte) (random.nextBoolean() ? 1 : -1);
            case 3 -> mutated[at] = TELLING[random.nextInt(TELLING.length)];
            case 4 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 5 -> {
                return without(bytes, at, Math.min(1 + random.nextInt(4), bytes.length - at));
            }
            case 6 -> {
                return twice(bytes, at, Math.min(1 + random.nextInt(8), bytes.length - at));
            }
            default -> {
                int from = random.nextInt(bytes.length);
                int length = Math.min(random.nextInt(8), bytes.length - Math.max(from, at));
                System.arraycopy(bytes, from, mutated, at, length);
            }
        }
        return mutated;
    }

    private static byte[] without(byte[] bytes, int at, int length) {
        return Blocks.join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length));
    }

    private static byte[] twice(byte[] bytes, int at, int length) {
        return Blocks.join(Arrays.copyOf(bytes, at + length), Arrays.copyOfRange(bytes, at, bytes.length));
    }

    /** What a parser makes of these bytes, and that it is no other answer than that to some prefixes, or to more bytes. */
    static <T> Parsed<T> parse(Prefixes.Parser<T> parser, byte[] bytes, Random random, long seed) {
        try {
            int half = random.nextInt(bytes.length + 1);
            Parsed<T> parsed = Parsed.incomplete();
            for (int length : new int[] {random.nextInt(half + 1), half, bytes.length}) {
                parsed = Prefixes.parseNext(parser, bytes, length, parsed);
            }
            byte[] more = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(3));
            more[bytes.length] = (byte) random.nextInt();
            Prefixes.parseNext(parser, more, more.length, parsed);
            return parsed;
        } catch (RuntimeException | AssertionError failed) {
            throw new AssertionError("seed " + seed + ", " + HexFormat.of().formatHex(bytes), failed);
        }
    }
}
