package io.lb4j.internal.util;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.SocketChannel;

/**
 * A dead port of this machine was picked as the source port of a connection to itself, and TCP then connects the socket
 * to itself. Nobody listens there.
 */
public final class SelfConnectedException extends ConnectException {
    private static final long serialVersionUID = 1;

    private SelfConnectedException() {
        super("Connection refused (connected to itself)");
    }

    /** Throws if this connected socket is its own peer. */
    public static void refuse(SocketChannel connected) throws IOException {
        if (connected.getLocalAddress().equals(connected.getRemoteAddress())) {
            throw new SelfConnectedException();
        }
    }
}
