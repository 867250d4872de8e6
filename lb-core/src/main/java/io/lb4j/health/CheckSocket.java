package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.SelfConnectedException;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;

/**
 * The socket of a check, connected to one address of a backend.
 *
 * @param isHalfMade whether the backend's program has not been told of it: what ends it is then its close alone
 */
record CheckSocket(SocketChannel channel, boolean isHalfMade) {
    /**
     * Connects, and with {@code traceless} leaves the connection half made where the platform lets it.
     *
     * @throws CheckInconclusiveException no descriptor or no port is left
     */
    static CheckSocket connect(InetSocketAddress address, int millis, boolean traceless) throws IOException {
        SocketChannel channel = open(address.getAddress() instanceof Inet4Address);
        try {
            boolean drops = traceless && channel.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);
            if (drops) {
                prepareToDrop(channel);
            }
            connect(channel, address, millis);
            return new CheckSocket(channel, drops);
        } catch (IOException | RuntimeException | Error failed) {
            Closing.quietly(channel);
            throw failed;
        }
    }

    private static SocketChannel open(boolean v4) throws CheckInconclusiveException {
        try {
            // A socket for both kinds of addresses has more to be set and to be translated.
            return v4 ? SocketChannel.open(StandardProtocolFamily.INET) : SocketChannel.open();
        } catch (IOException noDescriptor) {
            throw new CheckInconclusiveException("cannot open a socket: " + noDescriptor.getMessage(), noDescriptor);
        }
    }

    private static void prepareToDrop(SocketChannel channel) throws IOException {
        // Linux acknowledges the backend's SYN-ACK up to 200 ms later if it is told not to do so at once, and a socket
        // that does not linger sends RST when it is closed. In between, this leaves SYN, SYN-ACK, RST: to the backend
        // it never was a connection, its program is not told and its counters count nothing.
        channel.setOption(ExtendedSocketOptions.TCP_QUICKACK, false);
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    }

    private static void connect(SocketChannel channel, InetSocketAddress address, int millis) throws IOException {
        try {
            channel.socket().connect(address, millis);
        } catch (BindException noPort) {
            throw new CheckInconclusiveException("cannot connect: " + noPort.getMessage(), noPort);
        }
        SelfConnectedException.refuse(channel);
    }

    /** Sends the header that this backend expects. */
    static void introduce(SocketChannel channel, Backend backend) throws IOException {
        // What follows is not to wait until this has been acknowledged.
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.socket()
                .getOutputStream()
                .write(CheckHeader.of(
                        backend,
                        (InetSocketAddress) Objects.requireNonNull(channel.getLocalAddress()),
                        (InetSocketAddress) Objects.requireNonNull(channel.getRemoteAddress())));
    }
}
