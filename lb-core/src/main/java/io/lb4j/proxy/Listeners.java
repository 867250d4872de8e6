package io.lb4j.proxy;

import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Opens the listening sockets of a proxy: one for each loop where the system can share a port, else one for all. */
final class Listeners {
    /** Connections that may wait to be accepted, for each socket; the kernel caps it ({@code somaxconn}). */
    static final int BACKLOG = 4096;

    private final SelectorProvider sockets;

    Listeners(SelectorProvider sockets) {
        this.sockets = sockets;
    }

    /**
     * Listens on {@code host:port} with {@code count} sockets, or with one if a port cannot be shared.
     *
     * @throws UncheckedIOException when it cannot; nothing is left open
     */
    List<ServerSocketChannel> open(String host, int port, int count) {
        try {
            InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException("unknown host");
            }
            return open(address, count);
        } catch (IOException | RuntimeException failure) {
            IOException cause = failure instanceof IOException io ? io : new IOException(failure);
            throw new UncheckedIOException(
                    "cannot listen on " + Hosts.join(host, port) + ": " + cause.getMessage(), cause);
        }
    }

    /** The same at an address. */
    List<ServerSocketChannel> open(InetSocketAddress address, int count) throws IOException {
        List<ServerSocketChannel> opened = new ArrayList<>();
        try {
            opened.add(open());
            if (count == 1 || !canShare(opened.get(0))) {
                opened.get(0).bind(address, BACKLOG);
                return opened;
            }
            SocketAddress free = free(address);
            while (opened.size() < count) {
                opened.add(open());
            }
            for (ServerSocketChannel listener : opened) {
                listener.setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(free, BACKLOG);
            }
            return opened;
        } catch (IOException | RuntimeException | Error failure) {
            closeAll(opened);
            throw failure;
        }
    }

    /**
     * The address, with a port, if nobody listens there: without that question a second process of this user could listen
     * there as well and nobody would be told. By a socket that does not listen: who connects meanwhile is refused, and
     * not accepted and dropped.
     */
    private SocketAddress free(InetSocketAddress address) throws IOException {
        try (SocketChannel question = sockets.openSocketChannel()) {
            question.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address);
            return Objects.requireNonNull(question.getLocalAddress());
        }
    }

    private ServerSocketChannel open() throws IOException {
        ServerSocketChannel listener = sockets.openServerSocketChannel();
        try {
            listener.configureBlocking(false);
            return listener;
        } catch (IOException | RuntimeException | Error failure) {
            Closing.quietly(listener);
            throw failure;
        }
    }

    static void closeAll(List<ServerSocketChannel> listeners) {
        listeners.forEach(Closing::quietly);
    }

    private static boolean canShare(ServerSocketChannel listener) {
        return listener.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
    }
}
