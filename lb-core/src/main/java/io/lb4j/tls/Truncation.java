package io.lb4j.tls;

/** What it means when a stream over TLS ends without a close_notify: anybody between may have cut it off (RFC 8446, 6.1). */
public enum Truncation {
    /** It counts as cut off: the other side is reset, and cannot take it for complete. */
    RESET,
    /** It counts as an end. For peers that never send a close_notify, and protocols that say themselves where they end. */
    END
}
