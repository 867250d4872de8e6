package io.lb4j.access;

import io.lb4j.internal.util.AddressBits;
import io.lb4j.internal.util.AddressText;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Plain;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block of addresses: those that begin with the same bits (RFC 4632). Immutable.
 *
 * <p>An IPv4 address has one meaning however it is spelled: {@code ::ffff:10.0.0.0/104} is {@code 10.0.0.0/8}, and a client
 * whose address is mapped into IPv6 is the IPv4 client that he is. Blocks of IPv6 that are larger than that hold no IPv4
 * address: {@code ::/0} is all of IPv6 and nothing else.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class Cidr {
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    private final boolean isIpv4;
    private final int prefix;

    /** Of IPv4 the address is in {@code low}. */
    private final long high;

    private final long low;

    // Of the first bits.
    private final long highMask;
    private final long lowMask;

    private Cidr(boolean isIpv4, long high, long low, int prefix) {
        this.isIpv4 = isIpv4;
        this.high = high;
        this.low = low;
        this.prefix = prefix;
        highMask = isIpv4 ? 0 : AddressBits.longMask(prefix);
        lowMask = isIpv4 ? AddressBits.intMask(prefix) : AddressBits.longMask(prefix - Long.SIZE);
    }

    /**
     * The block that is written so: an address and how many of its first bits count, as in {@code 10.0.0.0/8} and {@code
     * fd00::/8}; or an address alone, which is a block of one. Looks nothing up.
     *
     * @throws IllegalArgumentException when it is something else: a name, a number with leading zeros ({@code 010.0.0.0/8},
     *     {@code 10.0.0.0/08}), fewer than four numbers, a scope ({@code fe80::1%eth0}); or when bits behind the prefix are
     *     not zero; then the message has what was probably meant
     */
    public static Cidr parse(String text) {
        return parse("cidr", text);
    }

    /**
     * For the library itself: the same of each of these, for a setting of this name.
     *
     * @hidden
     */
    public static List<Cidr> parseAll(String setting, String... texts) {
        return Arrays.stream(texts).map(text -> parse(setting, text)).toList();
    }

    /** The same, for a setting of this name. */
    static Cidr parse(String setting, String text) {
        Checks.notNull(setting, text);
        int slash = text.indexOf('/');
        byte @Nullable [] address = AddressText.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException(setting + ": " + shown(text)
                    + " (expected: an address and a prefix, as 10.0.0.0/8, fd00::/8 or 192.168.1.7)");
        }
        int bits = Byte.SIZE * address.length;
        int prefix = slash < 0 ? bits : AddressText.number(text.substring(slash + 1), bits);
        if (prefix < 0) {
            throw new IllegalArgumentException(
                    setting + ": " + shown(text) + " (expected: a prefix of 0.." + bits + ")");
        }
        Cidr block = of(address, prefix);
        if (!block.hasAddress(address)) {
            throw new IllegalArgumentException(setting + ": " + shown(text) + " (expected: " + block + ")");
        }
        return block;
    }

    private static String shown(String text) {
        return Plain.value(text.length() <= 64 ? text : text.substring(0, 64) + "...");
    }

    /** The block of these first bits; the others are cleared. */
    private static Cidr of(byte[] address, int prefix) {
        if (address.length == Integer.BYTES) {
            return ipv4(AddressBits.ipv4(address), prefix);
        }
        long high = AddressBits.high(address);
        long low = AddressBits.low(address);
        return prefix >= AddressBits.MAPPED_PREFIX && AddressBits.isMapped(high, low)
                ? ipv4((int) low, prefix - AddressBits.MAPPED_PREFIX)
                : new Cidr(
                        false,
                        high & AddressBits.longMask(prefix),
                        low & AddressBits.longMask(prefix - Long.SIZE),
                        prefix);
    }

    private static Cidr ipv4(int address, int prefix) {
        return new Cidr(true, 0, address & AddressBits.intMask(prefix) & 0xffff_ffffL, prefix);
    }

    /** Whether it begins with this very address. */
    private boolean hasAddress(byte[] address) {
        return isIpv4
                ? (int) low == AddressBits.ipv4(address)
                : high == AddressBits.high(address) && low == AddressBits.low(address);
    }

    /** Whether the address is one of the block. The scope of an IPv6 address does not matter. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return AddressBits.isIpv4(address, bytes)
                ? containsIpv4(AddressBits.ipv4(bytes))
                : containsIpv6(AddressBits.high(bytes), AddressBits.low(bytes));
    }

    boolean containsIpv4(int address) {
        return isIpv4 && (address & (int) lowMask) == (int) low;
    }

    boolean containsIpv6(long otherHigh, long otherLow) {
        return !isIpv4 && (otherHigh & highMask) == high && (otherLow & lowMask) == low;
    }

    boolean isIpv4() {
        return isIpv4;
    }

    /** How many first bits count: 0..32, or 0..128 of IPv6. */
    public int prefix() {
        return prefix;
    }

    // ---- its first and its last address; of IPv4 in the low half, without sign

    long firstHigh() {
        return high;
    }

    long firstLow() {
        return low;
    }

    long lastHigh() {
        return isIpv4 ? 0 : high | ~AddressBits.longMask(prefix);
    }

    long lastLow() {
        return isIpv4
                ? low | (~AddressBits.intMask(prefix) & 0xffff_ffffL)
                : low | ~AddressBits.longMask(prefix - Long.SIZE);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cidr cidr
                && isIpv4 == cidr.isIpv4
                && prefix == cidr.prefix
                && high == cidr.high
                && low == cidr.low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high * 31 + low) * 31 + prefix;
    }

    /** In its one spelling: {@code 10.0.0.0/8}, {@code fd00::/8}; the prefix is always there. */
    @Override
    public String toString() {
        return Hosts.text(first()) + "/" + prefix;
    }

    private InetAddress first() {
        byte[] bytes = new byte[isIpv4 ? IPV4_BITS / Byte.SIZE : IPV6_BITS / Byte.SIZE];
        for (int i = 0; i < bytes.length; i++) {
            int shift = Byte.SIZE * (bytes.length - 1 - i);
            bytes[i] = (byte) (shift < Long.SIZE ? low >>> shift : high >>> (shift - Long.SIZE));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
