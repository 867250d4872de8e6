package io.lb4j.preface;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Version 2: 16 bytes, addresses, TLVs (proxy-protocol.txt, 2.2). */
final class ProxyBlock {
    /*
     * Of a block that is not there as a whole only the first 16 bytes are looked at. They say how long it is, and most of what
     * is wrong with one shows in them.
     */

    /** What stands before the addresses. */
    static final int HEAD = 16;

    /** How many bytes may stand behind the first 16: HAProxy's buffer has 16 KiB. */
    static final int MOST_BEHIND = 16_368;

    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int VERSION = 0x20;
    private static final int LOCAL = 0;
    private static final int PROXY = 1;

    // Families, in the high half of a byte, and protocols, in its low half.
    private static final int UNSPECIFIED = 0;
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;
    private static final int UNIX = 3;
    private static final int STREAM = 1;
    private static final int DATAGRAM = 2;

    private static final int PORTS_LENGTH = 4;
    private static final int IPV4_LENGTH = 2 * ProxyAddresses.IPV4_LENGTH + PORTS_LENGTH;
    private static final int IPV6_LENGTH = 2 * ProxyAddresses.IPV6_LENGTH + PORTS_LENGTH;
    private static final int UNIX_LENGTH = 2 * 108;

    private ProxyBlock() {}

    static Parsed<ProxyHeader> parse(byte[] bytes, int from, int to) {
        String wrong = wrongHead(bytes, from, to);
        if (wrong != null) {
            return Parsed.invalid(wrong);
        }
        int length = to - from < HEAD ? HEAD : HEAD + TwoBytes.read(bytes, from + 14);
        if (to - from < length) {
            return Parsed.incomplete();
        }
        return command(bytes, from) == LOCAL
                ? Parsed.complete(ProxyHeader.local(ProxyVersion.V2), length)
                : parseBody(bytes, from, from + length);
    }

    /** What is wrong with the first 16 bytes, or with those of them that are there; null when nothing is. */
    private static @Nullable String wrongHead(byte[] bytes, int from, int to) {
        int count = to - from;
        int toCompare = Math.min(count, SIGNATURE.length);
        if (!Arrays.equals(bytes, from, from + toCompare, SIGNATURE, 0, toCompare)) {
            return "PROXY: it begins neither as a line of version 1 nor as version 2";
        }
        if (count > 12 && ((bytes[from + 12] & 0xf0) != VERSION || command(bytes, from) > PROXY)) {
            return "PROXY v2: another version, or a command that is neither LOCAL nor PROXY";
        }
        // Of LOCAL the family means nothing.
        boolean isProxy = count > 13 && command(bytes, from) == PROXY;
        if (isProxy && (family(bytes, from) > UNIX || protocol(bytes, from) > DATAGRAM)) {
            return "PROXY v2: an unknown family or protocol";
        }
        if (count < HEAD) {
            return null;
        }
        int behind = TwoBytes.read(bytes, from + 14);
        if (behind > MOST_BEHIND) {
            return "PROXY v2: more than " + MOST_BEHIND + " bytes of addresses and TLVs";
        }
        return isProxy && behind < addressesLength(bytes, from)
                ? "PROXY v2: shorter than the addresses of its family"
                : null;
    }

    private static int command(byte[] bytes, int from) {
        return bytes[from + 12] & 0xf;
    }

    private static int family(byte[] bytes, int from) {
        return bytes[from + 13] >> 4 & 0xf;
    }

    private static int protocol(byte[] bytes, int from) {
        return bytes[from + 13] & 0xf;
    }

    /** Whether nobody knows how the addresses look. */
    private static boolean isUnspecified(byte[] bytes, int from) {
        return family(bytes, from) == UNSPECIFIED || protocol(bytes, from) == UNSPECIFIED;
    }

    private static int addressesLength(byte[] bytes, int from) {
        if (isUnspecified(bytes, from)) {
            return 0;
        }
        return switch (family(bytes, from)) {
            case IPV4 -> IPV4_LENGTH;
            case IPV6 -> IPV6_LENGTH;
            default -> UNIX_LENGTH;
        };
    }

    private static Parsed<ProxyHeader> parseBody(byte[] bytes, int from, int to) {
        int tlvs = from + HEAD + addressesLength(bytes, from);
        if (isUnspecified(bytes, from) && !ProxyTlvs.addUp(bytes, tlvs, to)) {
            return Parsed.complete(ProxyHeader.unknown(ProxyVersion.V2), to - from);
        }
        ProxyTlvs parsed = new ProxyTlvs(bytes);
        String wrong = parsed.parse(from, tlvs, to);
        if (wrong != null) {
            return Parsed.invalid(wrong);
        }
        ProxyHeader header = new ProxyHeader(ProxyVersion.V2, false, addresses(bytes, from), parsed.found());
        return Parsed.complete(header, to - from);
    }

    /** Null where they are not those of TCP. */
    private static @Nullable ProxyAddresses addresses(byte[] bytes, int from) {
        boolean isIp = family(bytes, from) == IPV4 || family(bytes, from) == IPV6;
        if (!isIp || protocol(bytes, from) != STREAM) {
            return null;
        }
        int length = family(bytes, from) == IPV4 ? ProxyAddresses.IPV4_LENGTH : ProxyAddresses.IPV6_LENGTH;
        int source = from + HEAD;
        int destination = source + length;
        int ports = destination + length;
        return ProxyAddresses.of(
                Arrays.copyOfRange(bytes, source, destination),
                TwoBytes.read(bytes, ports),
                Arrays.copyOfRange(bytes, destination, ports),
                TwoBytes.read(bytes, ports + 2));
    }

    /** How many bytes that header has. */
    static int length(ProxyHeader header, boolean withChecksum) {
        ProxyAddresses addresses = header.addresses();
        int length = HEAD + (withChecksum ? ProxyTlvs.CHECKSUM_LENGTH : 0);
        if (addresses != null) {
            length += addresses.areIpv4() ? IPV4_LENGTH : IPV6_LENGTH;
        }
        List<ProxyTlv> tlvs = header.tlvs();
        for (int i = 0; i < tlvs.size(); i++) {
            length += ProxyTlv.HEAD + tlvs.get(i).length();
        }
        return length;
    }

    static byte[] write(ProxyHeader header, boolean withChecksum) {
        byte[] block = new byte[length(header, withChecksum)];
        System.arraycopy(SIGNATURE, 0, block, 0, SIGNATURE.length);
        block[12] = (byte) (VERSION | (header.isLocal() ? LOCAL : PROXY));
        TwoBytes.write(block.length - HEAD, block, 14);
        int checksum = writeAddresses(header.addresses(), block);
        int end = withChecksum ? ProxyTlvs.reserveChecksum(block, checksum) : checksum;
        List<ProxyTlv> tlvs = header.tlvs();
        for (int i = 0; i < tlvs.size(); i++) {
            end = tlvs.get(i).write(block, end);
        }
        if (withChecksum) {
            ProxyTlvs.setChecksum(block, checksum);
        }
        return block;
    }

    /** Writes them, and the family, and returns the place behind them. */
    private static int writeAddresses(@Nullable ProxyAddresses addresses, byte[] block) {
        if (addresses == null) {
            return HEAD;
        }
        boolean areIpv4 = addresses.areIpv4();
        block[13] = (byte) ((areIpv4 ? IPV4 : IPV6) << 4 | STREAM);
        int end = putAddress(addresses.source(), areIpv4, block, HEAD);
        end = putAddress(addresses.destination(), areIpv4, block, end);
        end = TwoBytes.write(addresses.source().getPort(), block, end);
        return TwoBytes.write(addresses.destination().getPort(), block, end);
    }

    private static int putAddress(InetSocketAddress address, boolean areIpv4, byte[] block, int at) {
        byte[] bytes = address.getAddress().getAddress();
        int begin = at;
        if (!areIpv4 && bytes.length == ProxyAddresses.IPV4_LENGTH) {
            // RFC 4291, 2.5.5.2: ten bytes of zeros, two of ones.
            block[at + 10] = (byte) 0xff;
            block[at + 11] = (byte) 0xff;
            begin = at + 12;
        }
        System.arraycopy(bytes, 0, block, begin, bytes.length);
        return begin + bytes.length;
    }
}
