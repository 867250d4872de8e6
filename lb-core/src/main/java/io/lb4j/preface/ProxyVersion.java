package io.lb4j.preface;

import java.util.Locale;

/** The versions of the PROXY protocol, by HAProxy's {@code doc/proxy-protocol.txt}. */
public enum ProxyVersion {
    /** A line of text, with the addresses and nothing else (2.1). */
    V1,

    /** Binary, and with more than addresses where it is wanted: {@link ProxyTlv} (2.2). */
    V2;

    /** Its name in options and on the status page: {@code v1} or {@code v2}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
