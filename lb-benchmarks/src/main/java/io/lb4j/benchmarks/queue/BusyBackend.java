package io.lb4j.benchmarks.queue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** A backend that says one byte to each connection, and closes it a fixed time later. A thread of its own runs it until it is closed. */
final class BusyBackend implements AutoCloseable, Runnable {
    private record Served(SocketChannel client, long until) {}

    private final Selector selector = Selector.open();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final Deque<Served> served = new ArrayDeque<>();
    private final long serviceNanos;

    BusyBackend(long serviceNanos) throws IOException {
        this.serviceNanos = serviceNanos;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    int port() {
        return server.socket().getLocalPort();
    }

    @Override
    public void run() {
        try {
            while (server.isOpen()) {
                selector.select(key -> {}, millisToNext());
                acceptAll();
                closeDue(System.nanoTime());
            }
        } catch (IOException | ClosedSelectorException ended) {
            if (server.isOpen()) {
                throw new IllegalStateException(ended);
            }
        }
    }

    /** A millisecond at least: one that is served may be up to that much late. */
    private long millisToNext() {
        return served.isEmpty()
                ? 0
                : Math.max(1, TimeUnit.NANOSECONDS.toMillis(served.getFirst().until - System.nanoTime()));
    }

    private void acceptAll() throws IOException {
        for (SocketChannel client = server.accept(); client != null; client = server.accept()) {
            client.write(ByteBuffer.wrap(new byte[] {1}));
            served.addLast(new Served(client, System.nanoTime() + serviceNanos));
        }
    }

    private void closeDue(long now) throws IOException {
        while (!served.isEmpty() && served.getFirst().until - now <= 0) {
            served.removeFirst().client.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        selector.close();
        for (Served one : served) {
            one.client.close();
        }
    }
}
