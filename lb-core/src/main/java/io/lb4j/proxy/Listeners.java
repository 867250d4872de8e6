package io.lb4j.proxy;

import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
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
import org.jspecify.annotations.Nullable;

/** Opens the listening sockets of a frontend: one for each loop where the system can share a port, else one for all. */
final class Listeners {
    /** Connections that may wait to be accepted, for each socket; the kernel caps it ({@code somaxconn}). */
    static final int BACKLOG = 4096;

    private static final int MOST_TRIES = 10;

    private final SelectorProvider sockets;

    Listeners(SelectorProvider sockets) {
        this.sockets = sockets;
    }

    /**
     * Listens on these ports of each address of the host, with {@code count} sockets each, or with one if a port cannot be
     * shared. Of a name that stands for several addresses, those that this machine does not have are left out.
     *
     * @throws UncheckedIOException when it cannot; nothing is left open
     */
    List<Port> open(String host, PortRange ports, int count) {
        List<Port> opened = new ArrayList<>();
        int current = ports.first();
        try {
            List<InetAddress> addresses = List.of(InetAddress.getAllByName(host));
            for (int port = ports.first(); port <= ports.last(); port++) {
                current = port;
                openEach(addresses, port, count, opened);
            }
            return opened;
        } catch (IOException | RuntimeException | Error failure) {
            opened.forEach(Port::close);
            if (failure instanceof Error error) {
                throw error;
            }
            IOException cause = failure instanceof UnknownHostException
                    ? new UnknownHostException("unknown host")
                    : failure instanceof IOException io ? io : new IOException(failure);
            throw new UncheckedIOException(
                    "cannot listen on " + Hosts.join(host, current) + ": " + cause.getMessage(), cause);
        }
    }

    /** Any free port is the same one of each address. */
    private void openEach(List<InetAddress> addresses, int port, int count, List<Port> opened) throws IOException {
        for (int tries = 1; ; tries++) {
            List<Port> ofThisPort = new ArrayList<>();
            try {
                openAll(addresses, port, count, ofThisPort);
                opened.addAll(ofThisPort);
                return;
            } catch (BindException taken) {
                ofThisPort.forEach(Port::close);
                // That it was free of one address says nothing of the others.
                if (port != 0 || ofThisPort.isEmpty() || tries == MOST_TRIES) {
                    throw taken;
                }
            } catch (IOException | RuntimeException | Error failure) {
                ofThisPort.forEach(Port::close);
                throw failure;
            }
        }
    }

    private void openAll(List<InetAddress> addresses, int port, int count, List<Port> opened) throws IOException {
        @Nullable IOException notOurs = null;
        for (InetAddress address : addresses) {
            int wanted = port != 0 || opened.isEmpty()
                    ? port
                    : opened.get(0).address().getPort();
            try {
                opened.add(Port.of(open(new InetSocketAddress(address, wanted), count)));
            } catch (IOException | UnsupportedOperationException failure) {
                if (addresses.size() == 1 || isOurs(address)) {
                    throw failure;
                }
                notOurs = failure instanceof IOException io ? io : new IOException(failure);
            }
        }
        if (opened.isEmpty() && notOurs != null) {
            throw notOurs;
        }
    }

    /** Whether a socket of this machine can have this address. */
    private boolean isOurs(InetAddress address) {
        try (ServerSocketChannel question = sockets.openServerSocketChannel()) {
            question.bind(new InetSocketAddress(address, 0));
            return true;
        } catch (IOException | UnsupportedOperationException notOurs) {
            return false;
        }
    }

    /** Listens at one address. */
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
