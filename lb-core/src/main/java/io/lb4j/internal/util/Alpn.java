package io.lb4j.internal.util;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** Protocols within TLS (ALPN, RFC 7301). */
public final class Alpn {
    /** What is spoken without ALPN, by those who know it. */
    public static final String HTTP_1_1 = "http/1.1";

    private static final int LONGEST = 255;

    private Alpn() {}

    /**
     * Returns these protocols, as a list.
     *
     * @throws IllegalArgumentException when one is empty, or longer than 255 bytes
     */
    public static List<String> checked(String... protocols) {
        for (String protocol : protocols) {
            if (protocol.isEmpty() || protocol.length() > LONGEST) {
                throw new IllegalArgumentException("alpn: \"" + protocol + "\" (expected: 1 to " + LONGEST + " bytes)");
            }
        }
        return List.of(protocols);
    }

    /** The protocol that both have agreed on; empty when they have not. */
    public static Optional<String> agreed(SSLEngine engine) {
        String agreed = engine.getApplicationProtocol();
        return agreed == null || agreed.isEmpty() ? Optional.empty() : Optional.of(agreed);
    }

    /**
     * To a server that knows nothing of ALPN, all that a client offers is nothing: what it speaks then, nobody has said.
     *
     * @param client an engine that is through with its handshake
     * @throws SSLException nothing is agreed on, although something was offered
     */
    public static void expectAgreed(SSLEngine client) throws SSLException {
        if (agreed(client).isEmpty()) {
            List<String> offered = Arrays.asList(client.getSSLParameters().getApplicationProtocols());
            if (!offered.isEmpty() && !offered.contains(HTTP_1_1)) {
                throw new SSLException("it agrees to none of " + offered + " (ALPN)");
            }
        }
    }
}
