package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A backend that lets everybody in and says nothing. A thread of its own runs it until it is closed. */
final class CountingBackend implements AutoCloseable, Runnable {
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final List<SocketChannel> accepted = new ArrayList<>();

    CountingBackend() throws IOException {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
    }

    int port() {
        return server.socket().getLocalPort();
    }

    @Override
    public void run() {
        try {
            while (true) {
                add(server.accept());
            }
        } catch (IOException ended) {
            if (server.isOpen()) {
                throw new IllegalStateException(ended);
            }
        }
    }

    private synchronized void add(SocketChannel client) {
        accepted.add(client);
    }

    /** How many came since the last time; closes them. */
    synchronized int take() throws IOException {
        int taken = accepted.size();
        for (SocketChannel client : accepted) {
            client.close();
        }
        accepted.clear();
        return taken;
    }

    @Override
    public void close() throws IOException {
        server.close();
        take();
    }
}
