package io.lb4j.proxy;

import io.lb4j.preface.ClientHello;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was heard of a connection before a backend was chosen for it.
 *
 * @param clientAddress where the client connected from, by what is known now
 * @param proxyHeader what the proxy before this one has said of it
 * @param clientHello what the client has said first
 * @param serverName the host that it asks for
 * @param tls what a handshake of TLS with it has led to; null where there was none
 */
record Preface(
        InetSocketAddress clientAddress,
        Optional<ProxyHeader> proxyHeader,
        Optional<ClientHello> clientHello,
        @Nullable String serverName,
        @Nullable TlsFacts tls) {
    /** Nothing but the client's address is known so far. */
    static Preface of(InetSocketAddress clientAddress) {
        return new Preface(clientAddress, Optional.empty(), Optional.empty(), null, null);
    }

    /** A proxy has said for whom it connects. */
    Preface with(ProxyHeader header) {
        return new Preface(header.source().orElse(clientAddress), Optional.of(header), clientHello, serverName, tls);
    }

    Preface with(ClientHello hello) {
        return new Preface(
                clientAddress,
                proxyHeader,
                Optional.of(hello),
                hello.serverName().orElse(null),
                tls);
    }

    Preface with(TlsFacts facts) {
        return new Preface(clientAddress, proxyHeader, clientHello, serverName, facts);
    }

    /** Of a connection that has its backend no more is asked than this: the rest would be held for nothing. */
    Preface inBrief() {
        return new Preface(clientAddress, Optional.empty(), Optional.empty(), serverName, tls);
    }
}
