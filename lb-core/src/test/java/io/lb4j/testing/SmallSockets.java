package io.lb4j.testing;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/**
 * The system's sockets with small kernel buffers, so that little is in flight and back-pressure begins soon. The send
 * buffer of an accepted socket keeps its size: Java cannot set it on the socket that listens.
 */
public final class SmallSockets extends SelectorProvider {
    private final SelectorProvider system = SelectorProvider.provider();
    private final int bufferSize;

    public SmallSockets(int bufferSize) {
        this.bufferSize = bufferSize;
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return small(system.openSocketChannel());
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        return small(system.openSocketChannel(family));
    }

    private SocketChannel small(SocketChannel channel) throws IOException {
        return channel.setOption(StandardSocketOptions.SO_SNDBUF, bufferSize)
                .setOption(StandardSocketOptions.SO_RCVBUF, bufferSize);
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return small(system.openServerSocketChannel());
    }

    @Override
    public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
        return small(system.openServerSocketChannel(family));
    }

    private ServerSocketChannel small(ServerSocketChannel channel) throws IOException {
        return channel.setOption(StandardSocketOptions.SO_RCVBUF, bufferSize);
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        return system.openSelector();
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return system.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return system.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return system.openPipe();
    }
}
