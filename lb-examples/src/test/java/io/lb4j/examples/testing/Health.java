package io.lb4j.examples.testing;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** Asks an admin server on 127.0.0.1, as whoever stands in front of a balancer does. */
public final class Health {
    private Health() {}

    /** The status of {@code /health}. */
    public static int status(int port) throws IOException {
        var question = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + "/health").toURL().openConnection();
        try {
            return question.getResponseCode();
        } finally {
            question.disconnect();
        }
    }
}
