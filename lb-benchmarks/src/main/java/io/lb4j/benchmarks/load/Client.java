package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** The clients' end of a connection, or of one connection after another. */
abstract class Client extends Peer {
    private @Nullable SocketChannel channel;
    private boolean connected;

    Client(LoadLoop loop) {
        super(loop);
    }

    /** Connected: what to wait for next. */
    abstract int connected() throws IOException;

    /** The channel is ready for what was waited for. */
    abstract void proceed() throws IOException;

    /** Connects to this port of loopback; that it cannot is counted like any failure. */
    void start(int port) {
        try {
            connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException refused) {
            failed(refused);
        }
    }

    void connect(InetSocketAddress to) throws IOException {
        SocketChannel opened = open();
        channel = opened;
        connected = false;
        tally.clients++;
        opened.configureBlocking(false);
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        opened.connect(to);
        // On loopback the handshake is over when connect returns, but it does not say so.
        if (opened.finishConnect()) {
            connected = true;
            opened.register(loop.selector(), connected(), this);
        } else {
            opened.register(loop.selector(), SelectionKey.OP_CONNECT, this);
        }
    }

    private static SocketChannel open() {
        try {
            return SocketChannel.open(StandardProtocolFamily.INET);
        } catch (IOException shortage) {
            // This machine's fault and not the proxy's: no run can go on.
            throw new UncheckedIOException(shortage);
        }
    }

    @Override
    public void ready() throws IOException {
        if (connected) {
            proceed();
        } else if (channel().finishConnect()) {
            connected = true;
            interest(connected());
        }
    }

    void interest(int ops) {
        SelectionKey key = channel().keyFor(loop.selector());
        if (key != null) {
            key.interestOps(ops);
        }
    }

    void send(ByteBuffer bytes) throws IOException {
        channel().write(bytes);
        if (bytes.hasRemaining()) {
            throw new IOException("a request did not fit into the socket");
        }
    }

    @Override
    SocketChannel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connecting yet");
        }
        return channel;
    }

    @Override
    void closed() {
        tally.clients--;
    }
}
