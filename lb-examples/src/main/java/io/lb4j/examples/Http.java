package io.lb4j.examples;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The smallest HTTP client. Each request has a connection of its own: a layer-4 balancer chooses a backend for each
 * connection, and a client that keeps its connection keeps its backend.
 */
public final class Http {
    private Http() {}

    /** Asks this port of 127.0.0.1 and returns the body of the answer. */
    public static String get(int port) throws IOException {
        return get(port, "/");
    }

    /** Asks this port of 127.0.0.1 for this path. */
    public static String get(int port, String path) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return get(socket, path);
        }
    }

    /** Asks over this connection, which the other side then ends. */
    public static String get(Socket socket) throws IOException {
        return get(socket, "/");
    }

    private static String get(Socket socket, String path) throws IOException {
        String request = "GET " + path + " HTTP/1.0\r\nHost: localhost:" + socket.getPort() + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        int body = answer.indexOf("\r\n\r\n");
        if (!answer.startsWith("HTTP/1.1 200 ") || body < 0) {
            throw new IOException("no good answer: \"" + answer + "\"");
        }
        return answer.substring(body).strip();
    }
}
