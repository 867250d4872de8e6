package io.lb4j.event;

import java.net.InetSocketAddress;

/**
 * A client was turned away before a backend was tried.
 *
 * @param id the connection's number
 * @param clientAddress where the client connects from
 * @param reason why, one of those of which {@link CloseReason#isRefusal()} is true
 */
public record ConnectionRefused(long id, InetSocketAddress clientAddress, CloseReason reason) {}
