package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Something on a loopback port that behaves as the test says. Closing it closes every peer it has accepted. */
public final class TestBackend implements AutoCloseable {
    private final ServerSocket listener;
    private final List<AutoCloseable> others = new CopyOnWriteArrayList<>();

    /** The thread that accepts, where it is none of the test's. */
    private volatile CompletableFuture<Void> accepting = CompletableFuture.completedFuture(null);

    private TestBackend(ServerSocket listener) {
        this.listener = listener;
    }

    /** Listens; the test accepts each connection by hand. */
    public static TestBackend listening() {
        return listening(0);
    }

    /** Listens with both socket buffers of this size, so that little is in flight; 0 for the system's size. */
    public static TestBackend listening(int bufferSize) {
        return listening(bufferSize, 1024);
    }

    private static TestBackend listening(int bufferSize, int backlog) {
        try {
            ServerSocket listener = new ServerSocket();
            if (bufferSize > 0) {
                listener.setReceiveBufferSize(bufferSize);
            }
            listener.setSoTimeout(Peer.PATIENCE_MILLIS);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog);
            return new TestBackend(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Accepts and answers every connection in a thread of its own. */
    public static TestBackend serving(Consumer<Peer> service) {
        TestBackend backend = listening();
        backend.accepting = Background.run(() -> {
            while (true) {
                Peer peer = backend.accept();
                Background.run(() -> {
                    try (peer) {
                        service.accept(peer);
                    }
                });
            }
        });
        return backend;
    }

    /** Sends back what it gets, to the end. */
    public static TestBackend echoing() {
        return serving(peer -> {
            try {
                peer.socket().getInputStream().transferTo(peer.socket().getOutputStream());
            } catch (IOException clientGone) {
                // Then there is nobody to answer.
            }
        });
    }

    /** Sends this text to everyone who connects, and ends the stream. */
    public static TestBackend saying(String text) {
        return serving(peer -> {
            peer.send(text).fin();
            peer.receiveToEnd();
        });
    }

    /** A port that refuses connections, and that nobody else can take while this is open. */
    public static Refusing refusing() {
        return new Refusing();
    }

    /** Listens, but its backlog is full: connecting neither succeeds nor fails. */
    public static TestBackend stalled() {
        TestBackend backend = listening(0, 1);
        for (int i = 0; i < 2; i++) {
            Peer filler = Peer.connect(backend.port());
            backend.others.add(filler);
        }
        return backend;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** The next connection; waits for it. */
    public Peer accept() {
        try {
            Socket socket = listener.accept();
            Peer peer = Peer.of(socket);
            others.add(peer);
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops listening; what was accepted stays. */
    public void refuseFromNowOn() {
        try {
            stopListening();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The kernel listens for as long as a thread is within accept(), also when the socket has been closed meanwhile. */
    private void stopListening() throws IOException {
        listener.close();
        accepting.handle((nothing, closed) -> nothing).join();
    }

    @Override
    public void close() {
        try {
            stopListening();
            for (AutoCloseable other : others) {
                other.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bound and not listening. */
    public static final class Refusing implements AutoCloseable {
        private final Socket socket = new Socket();

        private Refusing() {
            try {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public int port() {
            return socket.getLocalPort();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
