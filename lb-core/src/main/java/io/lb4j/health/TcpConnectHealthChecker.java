package io.lb4j.health;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Connects and closes. A channel and not a plain socket, because an interrupt ends a channel's blocking connect. */
final class TcpConnectHealthChecker implements HealthChecker {
    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        InetSocketAddress address = new InetSocketAddress(backend.host(), backend.port());
        if (address.isUnresolved()) {
            throw new UnknownHostException("unknown host " + backend.host());
        }
        try (SocketChannel channel = open()) {
            connect(channel, address, (int) Math.max(1, Math.min(Integer.MAX_VALUE, timeout.toMillis())));
            // A dead port of this machine can be picked as the source port of a connection to itself, and TCP then
            // connects the socket to itself: nobody listens there.
            if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
                throw new ConnectException("Connection refused (connected to itself)");
            }
        }
    }

    private static SocketChannel open() throws CheckInconclusiveException {
        try {
            return SocketChannel.open();
        } catch (IOException noDescriptor) {
            throw new CheckInconclusiveException("cannot open a socket: " + noDescriptor.getMessage(), noDescriptor);
        }
    }

    private static void connect(SocketChannel channel, InetSocketAddress address, int millis) throws IOException {
        try {
            channel.socket().connect(address, millis);
        } catch (BindException noPort) {
            throw new CheckInconclusiveException("cannot connect: " + noPort.getMessage(), noPort);
        }
    }

    @Override
    public String toString() {
        return "tcpConnect";
    }
}
