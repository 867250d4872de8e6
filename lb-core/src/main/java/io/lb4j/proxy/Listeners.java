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
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;

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
        List<ServerSocketChannel> opened = new ArrayList<>();
        try {
            InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException("unknown host");
            }
            // The first one is bound without sharing, or a second process of this user could listen on the port as well
            // and nobody would be told.
            opened.add(bind(address, false));
            SocketAddress bound = opened.get(0).getLocalAddress();
            if (count > 1 && canShare(opened.get(0))) {
                opened.get(0).close();
                opened.clear();
                while (opened.size() < count) {
                    opened.add(bind(bound, true));
                }
            }
            return opened;
        } catch (Error exhausted) {
            closeAll(opened);
            throw exhausted;
        } catch (IOException | RuntimeException failure) {
            closeAll(opened);
            IOException cause = failure instanceof IOException io ? io : new IOException(failure);
            throw new UncheckedIOException(
                    "cannot listen on " + Hosts.join(host, port) + ": " + cause.getMessage(), cause);
        }
    }

    static void closeAll(List<ServerSocketChannel> listeners) {
        listeners.forEach(Closing::quietly);
    }

    private ServerSocketChannel bind(SocketAddress address, boolean shared) throws IOException {
        ServerSocketChannel listener = sockets.openServerSocketChannel();
        try {
            listener.configureBlocking(false);
            if (shared) {
                listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            return listener.bind(address, BACKLOG);
        } catch (IOException | RuntimeException | Error failure) {
            Closing.quietly(listener);
            throw failure;
        }
    }

    private static boolean canShare(ServerSocketChannel listener) {
        return listener.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
    }
}
