package io.lb4j.event;

import java.net.InetSocketAddress;

/**
 * A client's connection was accepted; nothing of it has been read.
 *
 * @param id a number no other connection of this balancer has
 * @param clientAddress where the client connects from
 * @param listenAddress where the balancer listens
 * @param frontend the name of the frontend that the client connected to
 */
public record ConnectionAccepted(
        long id, InetSocketAddress clientAddress, InetSocketAddress listenAddress, String frontend) {}
