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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The clients' end of a connection, or of one connection after another. */
abstract class Client extends Peer {
    private @Nullable SocketChannel channel;
    private boolean connected;
    private @Nullable TlsClient tls;
    private @Nullable TlsStream stream;

    Client(LoadLoop loop) {
        super(loop);
    }

    /** The same client, with TLS. */
    Client over(TlsClient tls) {
        this.tls = tls;
        return this;
    }

    /** Connected, and with TLS past the handshake: what to wait for next. */
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
            opened.register(loop.selector(), established(), this);
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

    private int established() throws IOException {
        if (tls == null) {
            return connected();
        }
        stream = tls.next();
        stream.begin(channel());
        return SelectionKey.OP_READ;
    }

    @Override
    public void ready() throws IOException {
        if (connected && stream == null) {
            proceed();
        } else if (connected) {
            proceed(stream);
        } else if (channel().finishConnect()) {
            connected = true;
            interest(established());
        }
    }

    private void proceed(TlsStream with) throws IOException {
        boolean any = true;
        if (!with.isEstablished()) {
            if (!with.handshake(channel())) {
                return;
            }
            Objects.requireNonNull(tls).established(with.isFull());
            interest(connected());
            any = with.hasRecord();
        }
        while (any) {
            proceed();
            any = stream == with && with.hasRecord();
        }
    }

    @Override
    int read(int most) throws IOException {
        if (stream == null) {
            return super.read(most);
        }
        ByteBuffer buffer = loop.buffer().clear();
        int read = stream.read(channel(), buffer);
        buffer.flip();
        if (read > most) {
            throw new IOException("got more than was asked for");
        }
        return read;
    }

    void send(ByteBuffer bytes) throws IOException {
        if (stream != null) {
            stream.write(bytes, channel());
            return;
        }
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
    void close() throws IOException {
        if (stream != null) {
            stream.end(channel());
        }
        super.close();
    }

    @Override
    public void failed(IOException failure) {
        if (tls != null) {
            tls.failed();
        }
        super.failed(failure);
    }

    @Override
    void closed() {
        if (stream != null) {
            stream.letGo();
            stream = null;
        }
        tally.clients--;
    }
}
