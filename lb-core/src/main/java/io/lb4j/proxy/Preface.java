package io.lb4j.proxy;

import io.lb4j.preface.ClientHello;
import io.lb4j.preface.ProxyHeader;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What was heard of a connection before a backend was chosen for it.
 *
 * @param clientAddress where the client connected from, by what is known now
 * @param proxyHeader what the proxy before this one has said of it
 * @param clientHello what the client has said first
 */
record Preface(InetSocketAddress clientAddress, Optional<ProxyHeader> proxyHeader, Optional<ClientHello> clientHello) {}
