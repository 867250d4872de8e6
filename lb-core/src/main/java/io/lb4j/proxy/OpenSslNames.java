package io.lb4j.proxy;

/** What OpenSSL calls the cipher suites of TLS, which have other names in the RFCs and the JDK (OpenSSL, ciphers(1)). */
final class OpenSslNames {
    private static final String WITH = "_WITH_";

    private OpenSslNames() {}

    /** Those of TLS 1.3 have one name. */
    static String of(String suite) {
        int with = suite.indexOf(WITH);
        if (!suite.startsWith("TLS_") || with < 0) {
            return suite;
        }
        String exchange = suite.substring("TLS_".length(), with).replace('_', '-');
        String cipher = suite.substring(with + WITH.length())
                .replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305")
                .replace("_CBC_", "_")
                .replace("AES_", "AES")
                .replace('_', '-');
        return exchange.equals("RSA") ? cipher : exchange + "-" + cipher;
    }
}
