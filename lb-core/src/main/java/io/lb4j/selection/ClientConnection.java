package io.lb4j.selection;

import io.lb4j.preface.ClientHello;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** What is known of a connection while its backend is chosen. Valid during the call it was handed to, on that thread. */
public interface ClientConnection {
    /**
     * Where the client connects from. Where a proxy before this one has said so by the PROXY protocol, this is what it said.
     */
    InetSocketAddress clientAddress();

    /** Where the socket is connected from: the client, or the proxy before this one. */
    default InetSocketAddress peerAddress() {
        return clientAddress();
    }

    /** What the proxy before this one has said; empty where none is to say anything. */
    default Optional<ProxyHeader> proxyHeader() {
        return Optional.empty();
    }

    /**
     * What the client has said first. Empty when he does not speak TLS, and where his frontend does not look: it has to be told
     * to wait for it.
     */
    default Optional<ClientHello> clientHello() {
        return Optional.empty();
    }

    /** The host that the client asks for by TLS, in lower case; see {@link ClientHello#serverName}. */
    default Optional<String> serverName() {
        return clientHello().flatMap(ClientHello::serverName);
    }

    /** The protocols that the client speaks above TLS, in his order; see {@link ClientHello#applicationProtocols}. */
    default List<String> applicationProtocols() {
        return clientHello().map(ClientHello::applicationProtocols).orElse(List.of());
    }

    /** What the handshake of TLS with the client has led to; empty where TLS is not spoken with him but passes through. */
    default Optional<TlsFacts> tls() {
        return Optional.empty();
    }

    /** Where the balancer listens: the address of the frontend that the client connected to. */
    InetSocketAddress listenAddress();

    /** The name of the frontend that the client connected to. */
    String frontend();

    /** 1 for the first attempt to connect to a backend, 2 for the second, and so on. */
    int attempt();
}
