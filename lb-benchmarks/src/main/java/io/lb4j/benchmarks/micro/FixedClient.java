package io.lb4j.benchmarks.micro;

import io.lb4j.selection.ClientConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A client whose connection never changes. */
record FixedClient(InetSocketAddress clientAddress, InetSocketAddress listenAddress, int attempt)
        implements ClientConnection {
    static final FixedClient FIRST_ATTEMPT = new FixedClient(loopback(40_000), loopback(8_080), 1);
    static final FixedClient SECOND_ATTEMPT = new FixedClient(loopback(40_000), loopback(8_080), 2);

    @Override
    public String frontend() {
        return "frontend";
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
