package io.lb4j.preface;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The TLVs of a header that is there as a whole (proxy-protocol.txt, 2.2). To be used once. */
final class ProxyTlvs {
    /** What a checksum takes of a header. */
    static final int CHECKSUM_LENGTH = ProxyTlv.HEAD + Integer.BYTES;

    private static final byte[] ZEROS = new byte[Integer.BYTES];

    private final byte[] bytes;
    private final List<ProxyTlv> tlvs = new ArrayList<>();
    private boolean isNamed;

    /** Where the four bytes of the checksum are; -1 while there is none. */
    private int checksum = -1;

    ProxyTlvs(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether these bytes are TLVs and nothing else, by their lengths. */
    static boolean addUp(byte[] bytes, int from, int to) {
        int at = from;
        while (to - at >= ProxyTlv.HEAD) {
            at += ProxyTlv.HEAD + length(bytes, at);
        }
        return at == to;
    }

    /**
     * Reads those from {@code from} on, and returns what is wrong with them; null when nothing is.
     *
     * @param begin where the header begins
     * @param to where it ends
     */
    @Nullable
    String parse(int begin, int from, int to) {
        if (!addUp(bytes, from, to)) {
            return "PROXY v2: the TLVs do not end where the header does";
        }
        String wrong = addAll(from, to);
        return wrong != null || isIntact(begin, to) ? wrong : "PROXY v2: the checksum is wrong";
    }

    /** What there was, but for the checksum; unmodifiable. */
    List<ProxyTlv> found() {
        return tlvs.isEmpty() ? List.of() : Collections.unmodifiableList(tlvs);
    }

    /** What is wrong with one of them; null when all are right. */
    private @Nullable String addAll(int from, int to) {
        int next = from;
        for (int at = from; at < to; at = next) {
            next = at + ProxyTlv.HEAD + length(bytes, at);
            String wrong = add(bytes[at] & 0xff, at + ProxyTlv.HEAD, next);
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    private @Nullable String add(int type, int from, int to) {
        if (to - from > ProxyTlv.most(type)) {
            return "PROXY v2: a TLV is longer than one of its type may be";
        }
        if (type == ProxyTlv.CRC32C) {
            return addChecksum(from, to);
        }
        if (type == ProxyTlv.UNIQUE_ID && isNamed) {
            return "PROXY v2: more than one unique id";
        }
        isNamed |= type == ProxyTlv.UNIQUE_ID;
        tlvs.add(ProxyTlv.parsed(type, bytes, from, to));
        return null;
    }

    private @Nullable String addChecksum(int from, int to) {
        if (to - from != Integer.BYTES) {
            return "PROXY v2: a checksum that has not four bytes";
        }
        if (checksum >= 0) {
            return "PROXY v2: more than one checksum";
        }
        checksum = from;
        return null;
    }

    private boolean isIntact(int begin, int to) {
        return checksum < 0 || checksum(bytes, begin, checksum, to) == number(bytes, checksum);
    }

    private static int length(byte[] bytes, int tlv) {
        return TwoBytes.read(bytes, tlv + 1);
    }

    private static int number(byte[] bytes, int at) {
        return TwoBytes.read(bytes, at) << Short.SIZE | TwoBytes.read(bytes, at + Short.BYTES);
    }

    /** That of these bytes, with zeros in the place of the checksum itself (2.2.3). */
    private static int checksum(byte[] bytes, int from, int field, int to) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, field - from);
        checksum.update(ZEROS);
        int behind = field + Integer.BYTES;
        checksum.update(bytes, behind, to - behind);
        return (int) checksum.getValue();
    }

    /** Writes the TLV of a checksum that is not known yet to this place, and returns the one behind. */
    static int reserveChecksum(byte[] into, int at) {
        return ProxyTlv.writeHead(ProxyTlv.CRC32C, Integer.BYTES, into, at) + Integer.BYTES;
    }

    /** Sets the checksum whose TLV is at this place of a header that fills the array. */
    static void setChecksum(byte[] header, int at) {
        int field = at + ProxyTlv.HEAD;
        int checksum = checksum(header, 0, field, header.length);
        TwoBytes.write(checksum, header, TwoBytes.write(checksum >>> Short.SIZE, header, field));
    }
}
