package io.lb4j.preface;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Plain;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a header of the PROXY protocol says besides addresses: a type, and bytes that mean what the type says
 * ({@code proxy-protocol.txt}, 2.2). Types that nobody has registered are as good as others: 0xe0..0xef are for those who
 * agree on them (2.2.8). Immutable.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class ProxyTlv {
    /** The protocol above, as ALPN names it: {@code h2} (2.2.1). */
    public static final int ALPN = 0x01;

    /** The host name that the client asked for, as in SNI; UTF-8, at most 255 bytes (2.2.2). */
    public static final int AUTHORITY = 0x02;

    /** A checksum of the header (2.2.3). It is checked and made by {@link ProxyHeader}, and no value of this class. */
    public static final int CRC32C = 0x03;

    /** Says nothing; fills a header up (2.2.4). */
    public static final int NOOP = 0x04;

    /** Names the connection, across proxies; at most 128 bytes (2.2.5). */
    public static final int UNIQUE_ID = 0x05;

    /** What the client's TLS was: a byte of flags, four bytes of verification, and TLVs of the sub types (2.2.6). */
    public static final int SSL = 0x20;

    /** Within {@link #SSL}: the version of TLS, as {@code TLSv1.3}. */
    public static final int SSL_VERSION = 0x21;

    /** Within {@link #SSL}: the common name of the client's certificate, UTF-8. */
    public static final int SSL_COMMON_NAME = 0x22;

    /** Within {@link #SSL}: the cipher, as OpenSSL names it. */
    public static final int SSL_CIPHER = 0x23;

    /** Within {@link #SSL}: the algorithm that the proxy's certificate is signed with, as {@code SHA256}. */
    public static final int SSL_SIGNATURE_ALGORITHM = 0x24;

    /** Within {@link #SSL}: the kind of key of the proxy's certificate, as {@code RSA2048}. */
    public static final int SSL_KEY_ALGORITHM = 0x25;

    /** Within {@link #SSL}: the group of the key exchange, as {@code X25519}. */
    public static final int SSL_GROUP = 0x26;

    /** The name of the network namespace, US-ASCII (2.2.7). */
    public static final int NETNS = 0x30;

    /** Type and length, which stand before the value. */
    static final int HEAD = 3;

    static final int MOST_OF_AUTHORITY = 255;
    static final int MOST_OF_UNIQUE_ID = 128;
    private static final int MOST_TYPE = 0xff;
    private static final int MOST_SHOWN = 64;
    private static final HexFormat HEX = HexFormat.of();

    private final int type;
    private final byte[] value;

    /** Takes the array for its own. */
    private ProxyTlv(int type, byte[] value) {
        this.type = type;
        this.value = value;
    }

    /**
     * A TLV of this type with a copy of these bytes.
     *
     * @param type 0..255, but not {@link #CRC32C}
     * @param value at most 16,365 bytes, of {@link #AUTHORITY} 255, of {@link #UNIQUE_ID} 128
     * @throws IllegalArgumentException when it is none of these
     */
    public static ProxyTlv of(int type, byte[] value) {
        Checks.range("proxyTlv type", type, 0, MOST_TYPE);
        Checks.notNull("proxyTlv value", value);
        if (type == CRC32C) {
            throw new IllegalArgumentException(
                    "proxyTlv type: 3 (expected: another, a header makes its checksum itself)");
        }
        if (value.length > most(type)) {
            throw new IllegalArgumentException(
                    "proxyTlv value: " + value.length + " bytes (expected: 0.." + most(type) + ")");
        }
        return new ProxyTlv(type, value.clone());
    }

    /** How many bytes the value of this type may have. */
    static int most(int type) {
        return switch (type) {
            case AUTHORITY -> MOST_OF_AUTHORITY;
            case UNIQUE_ID -> MOST_OF_UNIQUE_ID;
            default -> ProxyBlock.MOST_BEHIND - HEAD;
        };
    }

    /** What is known to be right. */
    static ProxyTlv parsed(int type, byte[] bytes, int from, int to) {
        return new ProxyTlv(type, Arrays.copyOfRange(bytes, from, to));
    }

    /** Writes type, length and value to this place, and returns the one behind. */
    int write(byte[] into, int at) {
        int begin = writeHead(type, value.length, into, at);
        System.arraycopy(value, 0, into, begin, value.length);
        return begin + value.length;
    }

    static int writeHead(int type, int length, byte[] into, int at) {
        into[at] = (byte) type;
        return TwoBytes.write(length, into, at + 1);
    }

    /** What the value means: 0..255, one of the constants of this class or another. */
    public int type() {
        return type;
    }

    /** A copy of the value. */
    public byte[] value() {
        return value.clone();
    }

    /** How many bytes the value has. */
    public int length() {
        return value.length;
    }

    /**
     * The value as text in UTF-8; what is no UTF-8 becomes U+FFFD. It is what the sender wrote: it may have control characters
     * and line breaks, of which a log must be kept.
     */
    public String text() {
        return new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProxyTlv those && type == those.type && Arrays.equals(value, those.value);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(value);
    }

    /** The type, and of the value so much as a line can have; printable: {@code 0x02 example.com}, {@code 0xea 0x01ff}. */
    @Override
    public String toString() {
        boolean isCut = value.length > MOST_SHOWN;
        byte[] shown = isCut ? Arrays.copyOf(value, MOST_SHOWN) : value;
        return "0x" + HEX.toHexDigits((byte) type) + " " + (isText(shown) ? asText(shown) : "0x" + HEX.formatHex(shown))
                + (isCut ? "..." : "");
    }

    private static boolean isText(byte[] bytes) {
        for (byte each : bytes) {
            if (each < ' ' || each == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static String asText(byte[] bytes) {
        return Plain.value(new String(bytes, StandardCharsets.US_ASCII));
    }
}
