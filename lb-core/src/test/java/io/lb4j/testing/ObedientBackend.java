package io.lb4j.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A backend that does what the first byte of each connection asks for, and that can be killed and started again on the
 * same port, which nobody else gets meanwhile.
 */
public final class ObedientBackend implements AutoCloseable {
    /** Send back what comes, to the end. */
    public static final char ECHO = 'e';

    /** Send for as long as the connection lasts, and read nothing. */
    public static final char FLOOD = 'f';

    /** Read to the end, then answer one byte. */
    public static final char ANSWER_AT_END = 'a';

    /** Little waits in the kernel: there may be a thousand such connections. */
    private static final int FLOOD_BUFFER = 16 * 1024;

    private static final byte[] FLOOD_BYTES = new byte[8 * 1024];

    private final Socket place = new Socket();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket listener;
    private volatile CompletableFuture<Void> accepting;
    private volatile long acceptedAt = System.nanoTime();

    private ObedientBackend() throws IOException {
        place.setReuseAddress(true);
        place.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listen();
    }

    public static ObedientBackend start() {
        try {
            return new ObedientBackend();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listen() throws IOException {
        // The port is bound twice and listened on once: while nobody listens it refuses, and is not free.
        ServerSocket opened = new ServerSocket();
        opened.setReuseAddress(true);
        opened.bind(place.getLocalSocketAddress(), 1024);
        listener = opened;
        accepting = Background.run(() -> acceptFrom(opened));
    }

    private void acceptFrom(ServerSocket from) throws IOException {
        while (!from.isClosed()) {
            Socket socket = from.accept();
            open.add(socket);
            acceptedAt = System.nanoTime();
            Background.run(() -> serve(socket));
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            switch (in.read()) {
                case ECHO -> in.transferTo(out);
                case FLOOD -> {
                    socket.setSendBufferSize(FLOOD_BUFFER);
                    flood(out);
                }
                case ANSWER_AT_END -> {
                    in.transferTo(OutputStream.nullOutputStream());
                    out.write(ANSWER_AT_END);
                }
                default -> {}
            }
        } catch (IOException clientGone) {
            // Then there is nobody to serve.
        } finally {
            open.remove(socket);
        }
    }

    private static void flood(OutputStream out) throws IOException {
        while (true) {
            out.write(FLOOD_BYTES);
        }
    }

    public int port() {
        return place.getLocalPort();
    }

    /** Milliseconds since somebody connected last, checks included. */
    public long silentMillis() {
        return (System.nanoTime() - acceptedAt) / 1_000_000;
    }

    /** Refuses from now on, and resets every connection. */
    public void kill() {
        try {
            listener.close();
            awaitEndOfListening();
            for (Socket socket : open) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        } catch (IOException endedBefore) {
            // That is what was wanted.
        }
    }

    /** The kernel listens for as long as a thread is within accept(), also when the socket has been closed meanwhile. */
    private void awaitEndOfListening() {
        accepting.handle((nothing, closed) -> nothing).join();
    }

    /** Serves again. */
    public void restart() {
        try {
            listen();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        try {
            place.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
