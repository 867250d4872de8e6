package io.lb4j.internal.tls;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An alert that is not encrypted where all else is: so clients of TLS 1.3 say that they do not believe a certificate. The JDK
 * takes it for a broken record, and says nothing of what is in it.
 */
final class PlainAlert {
    private static final byte ALERT = 21;
    private static final int LENGTH_AT = 3;
    private static final int CODE_AT = 6;
    private static final int SIZE = 7;

    private PlainAlert() {}

    /** What it says, in the words of RFC 8446, 6; null when the record that begins here is something else. */
    static @Nullable String in(ByteBuffer records, int begin) {
        boolean is = records.limit() - begin >= SIZE
                && records.get(begin) == ALERT
                && records.getShort(begin + LENGTH_AT) == SIZE - LENGTH_AT - Short.BYTES;
        return is ? name(Byte.toUnsignedInt(records.get(begin + CODE_AT))) : null;
    }

    private static String name(int code) {
        return switch (code) {
            case 40 -> "handshake_failure";
            case 42 -> "bad_certificate";
            case 43 -> "unsupported_certificate";
            case 44 -> "certificate_revoked";
            case 45 -> "certificate_expired";
            case 46 -> "certificate_unknown";
            case 47 -> "illegal_parameter";
            case 48 -> "unknown_ca";
            case 51 -> "decrypt_error";
            case 80 -> "internal_error";
            default -> "" + code;
        };
    }
}
