package io.lb4j.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Objects;

/** One address that a frontend listens at, with its sockets: those of now. Written by the first loop alone. */
final class Port {
    private final InetSocketAddress address;
    private volatile List<ServerSocketChannel> sockets;
    private volatile boolean isLeft;

    private Port(InetSocketAddress address, List<ServerSocketChannel> sockets) {
        this.address = address;
        this.sockets = sockets;
    }

    /** These sockets, which are bound to one address; they are closed when it throws. */
    static Port of(List<ServerSocketChannel> sockets) throws IOException {
        try {
            return new Port(
                    (InetSocketAddress) Objects.requireNonNull(sockets.get(0).getLocalAddress()), sockets);
        } catch (IOException | RuntimeException | Error failure) {
            Listeners.closeAll(sockets);
            throw failure;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    List<ServerSocketChannel> sockets() {
        return sockets;
    }

    /** The port was closed for a time: it is listened at by these from now on. */
    void sockets(List<ServerSocketChannel> fresh) {
        sockets = fresh;
    }

    /** Whether this loop has a socket of its own; the others share the first one. */
    boolean hasOneFor(int loop) {
        return loop < sockets.size();
    }

    /** Nobody listens there any more. */
    void leave() {
        isLeft = true;
    }

    /** Whether the port is free for others. */
    boolean isLeft() {
        return isLeft;
    }

    void close() {
        Listeners.closeAll(sockets);
    }
}
