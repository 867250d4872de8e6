package io.lb4j.simulation;

import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLProtocolException;

/** What one end of a toy TLS tells the other when it ends (RFC 8446, 6), and what its user is told then. */
enum ToyAlert {
    CLOSE_NOTIFY(0),
    UNEXPECTED_MESSAGE(10),
    BAD_RECORD_MAC(20),
    HANDSHAKE_FAILURE(40),
    CERTIFICATE_UNKNOWN(46),
    DECODE_ERROR(50),
    DECRYPT_ERROR(51),
    PROTOCOL_VERSION(70),
    INTERNAL_ERROR(80),
    USER_CANCELED(90),
    NO_APPLICATION_PROTOCOL(120);

    static final byte WARNING = 1;
    static final byte FATAL = 2;

    final byte code;

    ToyAlert(int code) {
        this.code = (byte) code;
    }

    /** What an unknown code is taken for. */
    static ToyAlert of(byte code) {
        for (ToyAlert alert : values()) {
            if (alert.code == code) {
                return alert;
            }
        }
        return UNEXPECTED_MESSAGE;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    byte[] content() {
        boolean ends = this != CLOSE_NOTIFY && this != USER_CANCELED;
        return new byte[] {ends ? FATAL : WARNING, code};
    }

    SSLException exception(String message) {
        return switch (this) {
            case UNEXPECTED_MESSAGE -> new SSLProtocolException(message);
            case CLOSE_NOTIFY, BAD_RECORD_MAC, INTERNAL_ERROR, USER_CANCELED -> new SSLException(message);
            default -> new SSLHandshakeException(message);
        };
    }
}
