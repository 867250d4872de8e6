package io.lb4j.simulation;

import io.lb4j.testing.TransportOfThisRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** The kernel's sockets, for {@link KernelFactsTest}. */
final class RealSockets implements KernelFactsTest.Sockets {
    private static final int MOMENT_MILLIS = 5;

    private static final SelectorProvider SOCKETS = TransportOfThisRun.sockets();

    private final ServerSocket outside = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private Socket peer = new Socket();

    RealSockets() throws IOException {}

    @Override
    public SocketChannel connect() throws IOException {
        SocketChannel channel = unconnected();
        channel.connect(outside.getLocalSocketAddress());
        peer(outside.accept());
        while (!channel.finishConnect()) {
            Thread.onSpinWait();
        }
        return channel;
    }

    private void peer(Socket connected) throws IOException {
        peer = connected;
        peer.setSoTimeout(MOMENT_MILLIS);
        peer.setTcpNoDelay(true);
    }

    /** A port that is bound and not listened on refuses, and nobody can take it meanwhile. */
    @Override
    public SocketChannel connectToNobody() throws IOException {
        peer = new Socket();
        peer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketChannel channel = unconnected();
        channel.connect(peer.getLocalSocketAddress());
        return channel;
    }

    @Override
    public SocketChannel unconnected() throws IOException {
        SocketChannel channel = SOCKETS.openSocketChannel();
        channel.configureBlocking(false);
        return channel;
    }

    @Override
    public Selector selector() throws IOException {
        return SOCKETS.openSelector();
    }

    @Override
    public ServerSocketChannel listener() throws IOException {
        ServerSocketChannel listener = SOCKETS.openServerSocketChannel();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return listener;
    }

    @Override
    public void connectTo(ServerSocketChannel listener) throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        peer(new Socket(address.getAddress(), address.getPort()));
    }

    @Override
    public void send(int bytes) throws IOException {
        peer.getOutputStream().write(new byte[bytes]);
    }

    @Override
    public void fin() throws IOException {
        peer.shutdownOutput();
    }

    @Override
    public void reset() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }

    @Override
    public int look() throws IOException {
        try {
            return peer.getInputStream().read(new byte[100]);
        } catch (SocketTimeoutException nothing) {
            return 0;
        } catch (SocketException reset) {
            return -2;
        }
    }

    /** The loopback delivers before a call returns. */
    @Override
    public void settle() {}

    @Override
    public void close() throws IOException {
        peer.close();
        outside.close();
    }
}
