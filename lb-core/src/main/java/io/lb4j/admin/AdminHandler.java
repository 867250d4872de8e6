package io.lb4j.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.internal.util.Plain;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.NoSuchElementException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests, on the admin threads. */
final class AdminHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Pattern CHANGE = Pattern.compile("/backends/([^/]+)/(drain|enable|disable|weight)");
    private static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final int LARGEST_BODY = 64 * 1024;

    private final LoadBalancer balancer;
    private final Access access;
    private final String page;
    private final SecureRandom random = new SecureRandom();

    /** An answer to a request that is wrong. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final int status;

        Refusal(int status, String message) {
            super(message, null, false, false);
            this.status = status;
        }
    }

    AdminHandler(LoadBalancer balancer, Access access, String page) {
        this.balancer = balancer;
        this.access = access;
        this.page = page;
    }

    /** The page, with a {@code {{nonce}}} in it. */
    static String page() throws IOException {
        try (InputStream resource = AdminHandler.class.getResourceAsStream("status.html")) {
            if (resource == null) {
                throw new IOException("status.html is missing from the jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
        } catch (Refusal refusal) {
            send(exchange, refusal.status, TEXT, refusal.getMessage() + "\n");
        } catch (RuntimeException bug) {
            LOG.warn("{}: admin request failed", balancer.name(), bug);
            send(exchange, 500, TEXT, "internal error; the log has it\n");
        } finally {
            exchange.close();
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (exchange.getRequestBody().readNBytes(LARGEST_BODY).length == LARGEST_BODY) {
            throw new Refusal(413, "no request here has a body");
        }
        if (!access.knows(exchange.getRequestHeaders())) {
            throw new Refusal(421, "this server is not known by that Host; see AdminServerBuilder.allowHost");
        }
        String path = exchange.getRequestURI().getRawPath();
        Matcher change = CHANGE.matcher(path);
        if (change.matches()) {
            allow(exchange, "POST");
            change(exchange, decoded(change.group(1)), change.group(2));
            send(exchange, 200, JSON, StatusJson.of(balancer, access.hasToken()));
            return;
        }
        switch (path) {
            case "/" -> {
                allow(exchange, "GET", "HEAD");
                sendPage(exchange);
            }
            case "/status" -> {
                allow(exchange, "GET", "HEAD");
                send(exchange, 200, JSON, StatusJson.of(balancer, access.hasToken()));
            }
            case "/health" -> {
                allow(exchange, "GET", "HEAD");
                sendHealth(exchange);
            }
            default -> throw new Refusal(404, "there is no " + Plain.value(path));
        }
    }

    private static void allow(HttpExchange exchange, String... methods) {
        for (String method : methods) {
            if (exchange.getRequestMethod().equals(method)) {
                return;
            }
        }
        exchange.getResponseHeaders().set("Allow", String.join(", ", methods));
        throw new Refusal(405, "expected: " + String.join(" or ", methods));
    }

    // ---- changes

    private void change(HttpExchange exchange, String id, String what) {
        Headers headers = exchange.getRequestHeaders();
        if (!access.hasToken()) {
            throw new Refusal(403, "nothing can be changed here: no token was set");
        }
        if (!access.isOwnOrigin(headers)) {
            throw new Refusal(403, "requests from pages of others change nothing");
        }
        if (!access.mayChange(headers)) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            throw new Refusal(401, "expected: Authorization: Bearer <token>");
        }
        String query = exchange.getRequestURI().getRawQuery();
        try {
            switch (what) {
                case "enable" -> balancer.backends().enable(id);
                case "disable" -> balancer.backends().disable(id);
                case "weight" -> balancer.backends().weight(id, number(query, "value"));
                default -> balancer.backends().drain(id, Duration.ofSeconds(number(query, "grace")));
            }
            LOG.info("{}: admin: {} backend {}", balancer.name(), what, Plain.value(id));
        } catch (NoSuchElementException unknown) {
            throw new Refusal(404, String.valueOf(unknown.getMessage()));
        } catch (IllegalArgumentException wrong) {
            throw new Refusal(400, String.valueOf(wrong.getMessage()));
        }
    }

    private static int number(@Nullable String query, String name) {
        Matcher number = Pattern.compile(name + "=(\\d{1,9})").matcher(query == null ? "" : query);
        if (!number.matches()) {
            throw new Refusal(400, "expected: ?" + name + "=<a whole number>");
        }
        return Integer.parseInt(number.group(1));
    }

    private static String decoded(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException wrong) {
            throw new Refusal(400, "the id is not percent-encoded as it should be");
        }
    }

    // ---- answers

    private void sendHealth(HttpExchange exchange) throws IOException {
        long up = balancer.backends().list().stream()
                .filter(state -> state.status() == BackendStatus.UP)
                .count();
        LoadBalancerState state = balancer.state();
        boolean healthy = state == LoadBalancerState.RUNNING && up > 0;
        Json json = new Json()
                .begin()
                .field("healthy", healthy)
                .field("state", state.name())
                .field("backendsUp", up)
                .end();
        send(exchange, healthy ? 200 : 503, JSON, json.toString());
    }

    private void sendPage(HttpExchange exchange) throws IOException {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        String nonce = Base64.getEncoder().encodeToString(bytes);
        exchange.getResponseHeaders()
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce
                                + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                                + " frame-ancestors 'none'");
        send(exchange, 200, "text/html; charset=utf-8", page.replace("{{nonce}}", nonce));
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        if (!headers.containsKey("Content-Security-Policy")) {
            headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", String.valueOf(bytes.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
