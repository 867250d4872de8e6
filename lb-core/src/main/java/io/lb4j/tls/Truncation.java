package io.lb4j.tls;

/**
 * What it means when a stream over TLS ends without a close_notify: anybody between may have cut it off (RFC 8446, 6.1), and so
 * looks the stream of a program that was killed.
 *
 * <p>Some peers never send one, and nothing is lost by that. Seen: Chromium, redis-cli 7.0, and curl 7.88 with HTTP/2, when they
 * end a connection; nginx 1.22 when the client has ended it. HTTP with a length and the protocol of redis say themselves where a
 * message ends: for such, a reset at the end of a connection harms nobody, or {@link #END} may be set.
 */
public enum Truncation {
    /** It counts as cut off: the other side is reset, and cannot take it for complete. */
    RESET,
    /** It counts as an end. For peers that never send a close_notify, and protocols that say themselves where they end. */
    END
}
