package io.lb4j.selection;

import java.net.InetAddress;

/** Hashes that are the same in every JVM, which {@code Object.hashCode} does not promise. */
final class Hashing {
    // FNV-1a, 64 bit: Fowler, Noll and Vo, RFC 9923.
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Hashing() {}

    static long of(CharSequence text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mix(hash);
    }

    static long of(InetAddress address) {
        long hash = FNV_OFFSET;
        for (byte part : address.getAddress()) {
            hash = (hash ^ (part & 0xff)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /** Makes every bit depend on every other: the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
