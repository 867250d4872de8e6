package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.HealthChecker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A health check of your own is plain blocking Java: returning means healthy, throwing says why not. Here a backend is
 * healthy when it answers PING with PONG; one that hangs does not, though it accepts connections.
 */
public final class CustomHealthChecker {
    private static final HealthChecker PING_PONG = (backend, timeout) -> {
        int millis = (int) timeout.toMillis();
        try (Socket socket = new Socket()) {
            // The balancer keeps the deadline in any case. An interrupt does not end a plain socket's read, this does.
            socket.setSoTimeout(millis);
            socket.connect(new InetSocketAddress(backend.host(), backend.port()), millis);
            writeLine(socket, "PING");
            String answer = readLine(socket);
            if (!"PONG".equals(answer)) {
                throw new IOException("answered " + answer + " to PING");
            }
        }
    };

    private CustomHealthChecker() {}

    public static void main(String[] args) throws Exception {
        run(System.out);
    }

    static void run(PrintStream out) throws Exception {
        BlockingQueue<BackendStatusChanged> changes = new LinkedBlockingQueue<>();
        try (PingBackend backend = new PingBackend("BUSY");
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", backend.port())
                        .healthCheck(check -> check.checker(PING_PONG).interval(Duration.ofSeconds(1)))
                        .listener(new StatusListener(changes))
                        .start()) {
            out.println("Until its first check has ended, a backend is UP");
            out.println(describe(changes.take()));
            backend.answer = "PONG";
            out.println(describe(changes.take()));
            out.println("So it is " + lb.backends().list().get(0).status());
        }
    }

    private static String describe(BackendStatusChanged change) {
        return "Backend " + change.backend() + " is " + change.to() + " " + change.reason();
    }

    /** Called on a thread of the balancer, where nothing may block: so it only passes the news on. */
    private record StatusListener(BlockingQueue<BackendStatusChanged> changes) implements LoadBalancerListener {
        @Override
        public void backendStatusChanged(BackendStatusChanged event) {
            changes.add(event);
        }
    }

    /** Reads one line from everyone who connects, and answers what it was told to. */
    private static final class PingBackend implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getByName("127.0.0.1"));
        private volatile String answer;

        PingBackend(String answer) throws IOException {
            this.answer = answer;
            new Thread(this::serve, "ping-backend").start();
        }

        private void serve() {
            while (!listener.isClosed()) {
                try (Socket client = listener.accept()) {
                    readLine(client);
                    writeLine(client, answer);
                } catch (IOException clientGoneOrClosed) {
                    // The next client, if there will be one.
                }
            }
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private static void writeLine(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static String readLine(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }
}
