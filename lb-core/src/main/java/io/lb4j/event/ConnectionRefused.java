package io.lb4j.event;

import java.net.InetSocketAddress;

/**
 * A client was turned away before a backend was tried.
 *
 * @param id the connection's number
 * @param clientAddress where the client connects from
 * @param frontend the name of the frontend that the client connected to
 * @param reason why, one of those of which {@link CloseReason#isRefusal()} is true
 */
public record ConnectionRefused(long id, InetSocketAddress clientAddress, String frontend, CloseReason reason) {}
