package io.lb4j.preface;

/** The versions of the PROXY protocol, by HAProxy's {@code doc/proxy-protocol.txt}. */
public enum ProxyVersion {
    /** A line of text, with the addresses and nothing else (2.1). */
    V1,

    /** Binary, and with more than addresses where it is wanted: {@link ProxyTlv} (2.2). */
    V2
}
