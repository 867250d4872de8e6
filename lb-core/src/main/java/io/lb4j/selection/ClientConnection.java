package io.lb4j.selection;

import java.net.InetSocketAddress;

/** What is known of a connection while its backend is chosen. Valid during the call it was handed to, on that thread. */
public interface ClientConnection {
    /** Where the client connects from. */
    InetSocketAddress clientAddress();

    /** Where the balancer listens: the address of the frontend that the client connected to. */
    InetSocketAddress listenAddress();

    /** The name of the frontend that the client connected to. */
    String frontend();

    /** 1 for the first attempt to connect to a backend, 2 for the second, and so on. */
    int attempt();
}
