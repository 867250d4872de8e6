package io.lb4j.testing;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The system's sockets with small kernel buffers, so that little is in flight and back-pressure begins soon. The send
 * buffer of an accepted socket keeps its size: Java cannot set it on the socket that listens.
 */
public final class SmallSockets extends SystemSockets {
    private final int bufferSize;

    public SmallSockets(int bufferSize) {
        this.bufferSize = bufferSize;
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return small(super.openSocketChannel());
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        return small(super.openSocketChannel(family));
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return super.openServerSocketChannel().setOption(StandardSocketOptions.SO_RCVBUF, bufferSize);
    }

    private SocketChannel small(SocketChannel channel) throws IOException {
        return channel.setOption(StandardSocketOptions.SO_SNDBUF, bufferSize)
                .setOption(StandardSocketOptions.SO_RCVBUF, bufferSize);
    }
}
