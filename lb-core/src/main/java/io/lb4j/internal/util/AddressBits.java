package io.lb4j.internal.util;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * The bits of addresses as numbers. An IPv6 address is two longs, an IPv4 address an int; one that is mapped into IPv6
 * (::ffff:a.b.c.d, RFC 4291, 2.5.5.2) is an IPv4 address.
 */
public final class AddressBits {
    /*
     * By shifts and by indexes that are known: so the compiler makes no array of an IPv4 address at all. Through a VarHandle it
     * makes one, and takes longer.
     */
    private static final long MAPPED = 0xffffL;

    /** So many first bits are the same of all mapped addresses. */
    public static final int MAPPED_PREFIX = 96;

    private AddressBits() {}

    /** Whether an IPv6 address of these halves is an IPv4 address that was mapped. */
    public static boolean isMapped(long high, long low) {
        return high == 0 && low >>> Integer.SIZE == MAPPED;
    }

    /** Whether this address, which has these bytes, is one of IPv4. */
    public static boolean isIpv4(InetAddress address, byte[] bytes) {
        return address instanceof Inet4Address || isMapped(high(bytes), low(bytes));
    }

    /** An IPv4 address of these 4 bytes, or of the last of 16. */
    public static int ipv4(byte[] bytes) {
        int at = bytes.length - Integer.BYTES;
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    /** The low half of the IPv6 address that this one is mapped to; the high half is 0. */
    public static long mapped(int ipv4) {
        return MAPPED << Integer.SIZE | (ipv4 & 0xffff_ffffL);
    }

    public static long high(byte[] bytes) {
        return eight(bytes, 0);
    }

    public static long low(byte[] bytes) {
        return eight(bytes, Long.BYTES);
    }

    private static long eight(byte[] bytes, int from) {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | (bytes[from + i] & 0xff);
        }
        return value;
    }

    /** The first bits of an int, 0..32 of them. */
    public static int intMask(int bits) {
        return bits == 0 ? 0 : -1 << (Integer.SIZE - bits);
    }

    /** The first bits of a long; as many as there are when it is to be more, none when it is to be less than one. */
    public static long longMask(int bits) {
        if (bits <= 0) {
            return 0;
        }
        return bits >= Long.SIZE ? -1L : -1L << (Long.SIZE - bits);
    }
}
