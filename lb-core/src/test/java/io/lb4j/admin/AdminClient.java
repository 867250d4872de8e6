package io.lb4j.admin;

import io.lb4j.testing.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Asks an admin server, byte by byte. */
final class AdminClient {
    private AdminClient() {}

    static String ask(AdminServer admin, String what) {
        return ask(admin, what, "127.0.0.1:" + admin.port());
    }

    static String ask(AdminServer admin, String what, String host, String... headers) {
        StringBuilder request = new StringBuilder(what + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        try (Peer client = Peer.connect(admin.port())) {
            client.send(request + "\r\n");
            return readAll(client);
        }
    }

    static String readAll(Peer client) {
        try {
            return new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What comes behind the headers of a GET. */
    static String body(AdminServer admin, String path) {
        return bodyOf(ask(admin, "GET " + path));
    }

    /** The same, as one asks who knows the token. */
    static String body(AdminServer admin, String path, String token) {
        return bodyOf(ask(admin, "GET " + path, "127.0.0.1:" + admin.port(), "Authorization: Bearer " + token));
    }

    private static String bodyOf(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
}
