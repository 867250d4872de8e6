package io.lb4j.examples;

import com.sun.net.httpserver.HttpServer;
import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * The meters of a balancer, for Prometheus to scrape: a few requests, one scrape, the end. With a port as an argument it
 * serves {@code /metrics} there until it is stopped.
 */
public final class PrometheusMetrics implements AutoCloseable {
    private final EmbeddedBackend blue;
    private final EmbeddedBackend green;
    private final LoadBalancer balancer;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpServer http;

    /** Serves {@code /metrics} on a port of 127.0.0.1; 0 is any free one. */
    PrometheusMetrics(int port) throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        blue = EmbeddedBackend.start();
        green = EmbeddedBackend.start();
        balancer = LoadBalancer.builder()
                .name("orders")
                .backend(Backend.of("127.0.0.1", blue.port()).withId("blue"))
                .backend(Backend.of("127.0.0.1", green.port()).withId("green"))
                .start();
        // This is all that a registry needs, whichever it is.
        new LoadBalancerMetrics(balancer).bindTo(registry);
        http.createContext("/metrics", exchange -> {
            try (exchange) {
                byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        http.start();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0) {
            run(System.out);
            return;
        }
        try (PrometheusMetrics serving = new PrometheusMetrics(Integer.parseInt(args[0]))) {
            System.out.println("Send:  curl localhost:" + serving.balancer.port());
            System.out.println("See:   curl localhost:" + serving.port() + "/metrics");
            new CountDownLatch(1).await();
        }
    }

    static void run(PrintStream out) throws IOException {
        try (PrometheusMetrics serving = new PrometheusMetrics(0)) {
            for (int i = 0; i < 4; i++) {
                Http.get(serving.balancerPort());
            }
            for (String line : Http.get(serving.port(), "/metrics").split("\n")) {
                if (line.startsWith("lb4j_backend_connect_attempts_total") || line.startsWith("lb4j_backend_up")) {
                    out.println(line);
                }
            }
        }
    }

    int port() {
        return http.getAddress().getPort();
    }

    int balancerPort() {
        return balancer.port();
    }

    @Override
    public void close() {
        http.stop(0);
        balancer.close();
        blue.close();
        green.close();
        registry.close();
    }
}
