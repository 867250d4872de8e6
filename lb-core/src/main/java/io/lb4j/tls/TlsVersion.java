package io.lb4j.tls;

/** The versions of TLS that are spoken; older ones are broken (RFC 8996), and cannot be turned on. */
public enum TlsVersion {
    /** RFC 8446. */
    TLS_1_3("TLSv1.3"),
    /** RFC 5246. */
    TLS_1_2("TLSv1.2");

    private final String protocol;

    TlsVersion(String protocol) {
        this.protocol = protocol;
    }

    /** Its name in the JDK, as in {@link javax.net.ssl.SSLSession#getProtocol}. */
    public String protocol() {
        return protocol;
    }
}
