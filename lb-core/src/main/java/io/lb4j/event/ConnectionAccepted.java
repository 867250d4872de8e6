package io.lb4j.event;

import java.net.InetSocketAddress;

/**
 * A client's connection was accepted, and it is known from where: at a frontend that a proxy has to tell so by the PROXY
 * protocol this is when it did, or never will.
 *
 * @param id a number no other connection of this balancer has
 * @param clientAddress where the client connects from, as that proxy said if one did
 * @param listenAddress where the balancer listens
 * @param frontend the name of the frontend that the client connected to
 */
public record ConnectionAccepted(
        long id, InetSocketAddress clientAddress, InetSocketAddress listenAddress, String frontend) {}
