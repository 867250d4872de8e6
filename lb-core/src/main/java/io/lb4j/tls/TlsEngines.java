package io.lb4j.tls;

import io.lb4j.preface.ClientHello;
import javax.net.ssl.SSLEngine;

/**
 * Makes the engines that speak TLS with clients: the door for engines of other makers, such as netty-tcnative or Conscrypt, and for
 * whoever wants a context for each name.
 */
@FunctionalInterface
public interface TlsEngines {
    /**
     * An engine for one connection, in server mode, that nobody else uses. On the thread of an event loop: must not block. What it
     * throws fails the handshake.
     *
     * @param hello what the client has said of himself
     */
    SSLEngine newEngine(ClientHello hello);
}
