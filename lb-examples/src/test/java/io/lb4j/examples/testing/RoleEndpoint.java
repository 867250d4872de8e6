package io.lb4j.examples.testing;

import com.sun.net.httpserver.HttpServer;
import io.lb4j.backend.Backend;
import io.lb4j.health.HealthChecker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Says over HTTP whether a server is the primary, 200 or 503, as Patroni's {@code GET /primary} does: this is what HAProxy
 * asks. Closing it ends it.
 */
public final class RoleEndpoint implements AutoCloseable {
    private final HttpServer http;

    private RoleEndpoint(HttpServer http) {
        this.http = http;
    }

    /** Starts one on a free port of 127.0.0.1, for the server on another, who is asked each time. */
    public static RoleEndpoint start(int port, HealthChecker isPrimary) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        http.createContext("/primary", exchange -> {
            exchange.sendResponseHeaders(passes(isPrimary, port) ? 200 : 503, -1);
            exchange.close();
        });
        http.start();
        return new RoleEndpoint(http);
    }

    private static boolean passes(HealthChecker isPrimary, int port) {
        try {
            isPrimary.check(Backend.of("127.0.0.1", port), Duration.ofSeconds(1));
            return true;
        } catch (Exception saysWhyNot) {
            return false;
        }
    }

    public int port() {
        return http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
