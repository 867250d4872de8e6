package io.lb4j.preface;

import org.jspecify.annotations.Nullable;

/** The records that a ClientHello comes in (RFC 8446, 5.1), one or several, however it is cut. To be used once. */
final class HelloRecords {
    /*
     * Of a hello that is not there as a whole only lengths are looked at: those of its records, and its own, in the first four
     * bytes that the records carry. It is copied only when it comes in several records, and only when the last of them is there.
     */

    static final byte HANDSHAKE = 22;

    private static final int RECORD_HEAD = 5;
    private static final int MOST_IN_RECORD = 1 << 14;
    private static final byte MAJOR_VERSION = 3;

    private static final byte CLIENT_HELLO = 1;
    private static final int HELLO_HEAD = 4;
    private static final int MOST_IN_HELLO = 1 << 14;

    private final byte[] bytes;
    private final int from;
    private final int to;

    /** Where the record begins that is looked at. */
    private int record;

    /** How many bytes of the hello are in the records before, with its own head. */
    private int before;

    /** As many bytes of the head as are there, and how many that are. */
    private int head;

    private int headBytes;

    HelloRecords(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        record = from;
    }

    Parsed<ClientHello> parse() {
        while (true) {
            String wrong = wrongRecord();
            if (wrong != null) {
                return Parsed.invalid(wrong);
            }
            if (to - record < RECORD_HEAD) {
                return Parsed.incomplete();
            }
            int begin = record + RECORD_HEAD;
            int end = begin + length();
            wrong = wrongHello(begin, Math.min(end, to));
            if (wrong != null) {
                return Parsed.invalid(wrong);
            }
            if (end > to) {
                return Parsed.incomplete();
            }
            if (isWhole(end - begin)) {
                return hello(begin, end);
            }
            before += end - begin;
            record = end;
        }
    }

    /** Two bytes, of a head that is there. */
    private int length() {
        return TwoBytes.read(bytes, record + 3);
    }

    /** What is wrong with the head of the record, or as much as is there of it; null when nothing is. */
    private @Nullable String wrongRecord() {
        int count = to - record;
        if (count > 0 && bytes[record] != HANDSHAKE) {
            return "TLS: a record that is no handshake, before the end of the hello";
        }
        if (count > 1 && bytes[record + 1] != MAJOR_VERSION) {
            return "TLS: a record of a version that is not 3.x";
        }
        if (count < RECORD_HEAD) {
            return record - from + RECORD_HEAD < ClientHello.MAX_LENGTH ? null : tooLong();
        }
        if (length() == 0 || length() > MOST_IN_RECORD) {
            return "TLS: a record that has not 1.." + MOST_IN_RECORD + " bytes";
        }
        return record - from + RECORD_HEAD + length() <= ClientHello.MAX_LENGTH ? null : tooLong();
    }

    private static String tooLong() {
        return "TLS: more than " + ClientHello.MAX_LENGTH + " bytes of records for one hello";
    }

    /** Reads of the hello's head what is in these bytes of a record. What is wrong with it; null when nothing is. */
    private @Nullable String wrongHello(int begin, int end) {
        for (int at = begin; at < end && headBytes < HELLO_HEAD; at++) {
            head = head << Byte.SIZE | (bytes[at] & 0xff);
            if (headBytes++ == 0 && head != CLIENT_HELLO) {
                return "TLS: a handshake that does not begin with a ClientHello";
            }
        }
        return headBytes == HELLO_HEAD && helloLength() > MOST_IN_HELLO
                ? "TLS: a ClientHello of more than " + MOST_IN_HELLO + " bytes"
                : null;
    }

    /** Three bytes, of a head that is there. */
    private int helloLength() {
        return head & 0xff_ffff;
    }

    /** Whether the hello ends in this record, which carries so many bytes and is there. */
    private boolean isWhole(int more) {
        return headBytes == HELLO_HEAD && before + more >= HELLO_HEAD + helloLength();
    }

    /** The hello that ends in this record. */
    private Parsed<ClientHello> hello(int begin, int end) {
        int length = HELLO_HEAD + helloLength();
        HelloMessage message = before == 0
                ? new HelloMessage(bytes, begin + HELLO_HEAD, begin + length)
                : new HelloMessage(joined(length), HELLO_HEAD, length);
        String wrong = message.parse();
        return wrong == null ? Parsed.complete(message.hello(), end - from) : Parsed.invalid(wrong);
    }

    /** So many bytes that the records carry, which are all there. */
    private byte[] joined(int length) {
        byte[] joined = new byte[length];
        int at = from;
        for (int have = 0; have < length; ) {
            int content = TwoBytes.read(bytes, at + 3);
            int wanted = Math.min(content, length - have);
            System.arraycopy(bytes, at + RECORD_HEAD, joined, have, wanted);
            have += wanted;
            at += RECORD_HEAD + content;
        }
        return joined;
    }
}
