package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Live backends on loopback that accept, and close what they have accepted. */
final class Listeners implements Closeable {
    private static final int BACKLOG = 4096;

    private final Selector selector = Selector.open();
    private final List<ServerSocketChannel> channels = new ArrayList<>();

    Listeners(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            ServerSocketChannel channel = ServerSocketChannel.open();
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_ACCEPT);
            channels.add(channel);
        }
        Thread accepting = new Thread(this::acceptAll, "backends");
        accepting.setDaemon(true);
        accepting.start();
    }

    List<Backend> backends() {
        return channels.stream()
                .map(channel -> Backend.of("127.0.0.1", channel.socket().getLocalPort()))
                .toList();
    }

    private void acceptAll() {
        try {
            while (selector.isOpen()) {
                selector.select(Listeners::accept);
            }
        } catch (IOException | ClosedSelectorException closed) {
            // The benchmark is over.
        }
    }

    private static void accept(SelectionKey key) {
        try {
            ServerSocketChannel listener = (ServerSocketChannel) key.channel();
            for (SocketChannel accepted = listener.accept(); accepted != null; accepted = listener.accept()) {
                accepted.close();
            }
        } catch (IOException closed) {
            key.cancel();
        }
    }

    @Override
    public void close() throws IOException {
        for (ServerSocketChannel channel : channels) {
            channel.close();
        }
        selector.close();
    }
}
