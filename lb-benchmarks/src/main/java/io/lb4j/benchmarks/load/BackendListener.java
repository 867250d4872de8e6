package io.lb4j.benchmarks.load;

import io.lb4j.benchmarks.load.LoadLoop.Handler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A listening backend on a free port. */
final class BackendListener implements Handler {
    private static final int BACKLOG = 4096;

    private final LoadLoop loop;
    private final ServerSocketChannel listener;

    BackendListener(LoadLoop loop) throws IOException {
        this.loop = loop;
        listener = ServerSocketChannel.open();
        listener.configureBlocking(false);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listener.register(loop.selector(), SelectionKey.OP_ACCEPT, this);
    }

    int port() {
        return listener.socket().getLocalPort();
    }

    @Override
    public void ready() throws IOException {
        for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(loop.selector(), SelectionKey.OP_READ, loop.work().accepted(loop, channel));
        }
    }

    @Override
    public void failed(IOException failure) {
        loop.tally().fail("backend cannot accept: " + failure.getMessage());
    }
}
