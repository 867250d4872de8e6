package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A backend that answers a request with a stream, and then ends in its own way. */
final class EndingBackend implements AutoCloseable, Runnable {
    static final int REQUEST = 2;
    static final int STREAM = 50_000;

    /** What a client says when it has the whole stream: what is looked at is the end, and not what a reset overtakes. */
    static final int THANKS = 1;

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Ending ending;
    private final @Nullable SSLContext context;

    /**
     * One that ends like this.
     *
     * @param context for its TLS, if it does TLS
     */
    EndingBackend(Ending ending, @Nullable SSLContext context) throws IOException {
        this.ending = ending;
        this.context = context;
    }

    /** One of its own process, to be killed. It says where it listens. */
    public static void main(String[] args) throws IOException {
        try (EndingBackend backend = new EndingBackend(Ending.KILLED, null)) {
            System.out.println(backend.port());
            backend.run();
        }
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void run() {
        try {
            while (true) {
                Socket accepted = server.accept();
                Thread thread = new Thread(() -> serve(accepted), "ending");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException ended) {
            if (!server.isClosed()) {
                throw new IllegalStateException(ended);
            }
        }
    }

    private void serve(Socket accepted) {
        try (accepted) {
            if (context != null) {
                SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(accepted, null, false);
                answer(tls);
                if (ending == Ending.CLOSE_NOTIFY) {
                    tls.shutdownOutput();
                }
            } else {
                answer(accepted);
            }
            if (ending == Ending.RST || ending == Ending.TLS_RST) {
                accepted.setSoLinger(true, 0);
            }
        } catch (IOException gone) {
            // Whoever only looked whether the proxy listens. What others miss, they see.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(Socket socket) throws IOException, InterruptedException {
        // What is left unread makes the kernel reset the connection of a process that is killed.
        int wanted = ending == Ending.KILLED ? REQUEST - 1 : REQUEST;
        if (socket.getInputStream().readNBytes(wanted).length < wanted) {
            return;
        }
        socket.getOutputStream().write(new byte[STREAM]);
        if (ending == Ending.KILLED) {
            Thread.sleep(Long.MAX_VALUE);
        }
        socket.getInputStream().readNBytes(THANKS);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
