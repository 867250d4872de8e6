package io.lb4j.examples.demo;

/** The value of an {@code --sni} or an {@code --alpn}: what clients of TLS ask for, and the pool they get. */
record TlsRule(String name, String pool) {
    /** The name is before the last equals sign: that of a protocol may have one, that of a pool may not. */
    static TlsRule parse(String text) {
        int equals = text.lastIndexOf('=');
        if (equals < 1 || equals == text.length() - 1) {
            throw new IllegalArgumentException("\"" + text + "\" (expected: NAME=POOL)");
        }
        return new TlsRule(text.substring(0, equals), text.substring(equals + 1));
    }
}
