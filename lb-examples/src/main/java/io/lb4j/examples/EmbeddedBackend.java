package io.lb4j.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small HTTP backend on a loopback port that answers every request with its own port, so that one sees who answered;
 * and that ends when it is asked for {@code /stop}, so that one sees what becomes of its clients.
 */
public final class EmbeddedBackend implements AutoCloseable {
    private final HttpServer http;
    private final ExecutorService threads;

    private EmbeddedBackend(HttpServer http, ExecutorService threads) {
        this.http = http;
        this.threads = threads;
    }

    /** Starts one on any free port. */
    public static EmbeddedBackend start() throws IOException {
        return start(0);
    }

    /**
     * Starts one.
     *
     * @param port 1..65535, or 0 for any free port
     * @throws java.net.BindException when the port is in use
     */
    public static EmbeddedBackend start(int port) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        // A thread for each connection that is busy: a client that sends half a request must not hold up the others.
        ExecutorService threads = Executors.newCachedThreadPool();
        http.setExecutor(threads);
        EmbeddedBackend backend = new EmbeddedBackend(http, threads);
        http.createContext("/", EmbeddedBackend::answer);
        http.createContext("/stop", exchange -> {
            answer(exchange);
            // Not on this thread, which stopping would wait for.
            new Thread(backend::stop, "backend-stop").start();
        });
        http.start();
        return backend;
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = (exchange.getLocalAddress().getPort() + "\n").getBytes(StandardCharsets.US_ASCII);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** The port it listens on. */
    public int port() {
        return http.getAddress().getPort();
    }

    /** Stops listening and closes its connections. */
    public void stop() {
        http.stop(0);
        threads.shutdownNow();
    }

    @Override
    public void close() {
        stop();
    }
}
