package io.lb4j.internal.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/**
 * The bits of addresses as numbers. An IPv6 address is two longs, an IPv4 address an int; one that is mapped into IPv6
 * (::ffff:a.b.c.d, RFC 4291, 2.5.5.2) is an IPv4 address.
 */
public final class AddressBits {
    private static final long MAPPED = 0xffffL;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

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
        return (int) INTS.get(bytes, bytes.length - Integer.BYTES);
    }

    /** The low half of the IPv6 address that this one is mapped to; the high half is 0. */
    public static long mapped(int ipv4) {
        return MAPPED << Integer.SIZE | (ipv4 & 0xffff_ffffL);
    }

    public static long high(byte[] bytes) {
        return (long) LONGS.get(bytes, 0);
    }

    public static long low(byte[] bytes) {
        return (long) LONGS.get(bytes, Long.BYTES);
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
