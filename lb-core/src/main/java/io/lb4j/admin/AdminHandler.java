package io.lb4j.admin;

import static io.lb4j.admin.Answer.HTML;
import static io.lb4j.admin.Answer.JSON;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.internal.util.Plain;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests, on the admin thread. */
final class AdminHandler implements Function<String, ByteBuffer> {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Pattern CHANGE = Pattern.compile("/backends/([^/]+)/(drain|enable|disable|weight)");

    private final LoadBalancer balancer;
    private final Access access;
    private final String page;
    private final SecureRandom random = new SecureRandom();

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

    /** The whole answer to the head of a request; to an empty one when that is too long. */
    @Override
    public ByteBuffer apply(String head) {
        return answer(head).bytes(head.startsWith("HEAD "));
    }

    private Answer answer(String head) {
        try {
            if (head.isEmpty()) {
                throw new Refusal(431, "the request is too long");
            }
            return answer(Request.parse(head));
        } catch (Refusal refusal) {
            return Answer.text(refusal.status, String.valueOf(refusal.getMessage()));
        } catch (RuntimeException bug) {
            LOG.warn("{}: admin request failed", balancer.name(), bug);
            return Answer.text(500, "internal error; the log has it");
        }
    }

    private Answer answer(Request request) {
        if (!access.knows(request)) {
            throw new Refusal(421, "this server is not known by that Host; see AdminServerBuilder.allowHost");
        }
        Matcher change = CHANGE.matcher(request.path());
        if (change.matches()) {
            return isOneOf(request, "POST")
                    ? change(request, decoded(change.group(1)), change.group(2))
                    : allow("POST");
        }
        if (!isOneOf(request, "GET", "HEAD")) {
            return allow("GET, HEAD");
        }
        return switch (request.path()) {
            case "/" -> page(nonce());
            case "/status" -> status();
            case "/health" -> health();
            default -> throw new Refusal(404, "there is no " + Plain.value(request.path()));
        };
    }

    private static boolean isOneOf(Request request, String... methods) {
        for (String method : methods) {
            if (request.method().equals(method)) {
                return true;
            }
        }
        return false;
    }

    private static Answer allow(String methods) {
        return Answer.text(405, "expected: " + methods).with("Allow", methods);
    }

    // ---- changes

    private Answer change(Request request, String id, String what) {
        if (!access.hasToken()) {
            throw new Refusal(403, "nothing can be changed here: no token was set");
        }
        if (!access.isOwnOrigin(request)) {
            throw new Refusal(403, "requests from pages of others change nothing");
        }
        if (!access.mayChange(request)) {
            return Answer.text(401, "expected: Authorization: Bearer <token>").with("WWW-Authenticate", "Bearer");
        }
        String query = request.query();
        try {
            switch (what) {
                case "enable" -> balancer.backends().enable(id);
                case "disable" -> balancer.backends().disable(id);
                case "weight" -> balancer.backends().weight(id, number(query, "value"));
                default -> {
                    var unused = balancer.backends().drain(id, Duration.ofSeconds(number(query, "grace")));
                }
            }
            LOG.info("{}: admin: {} backend {}", balancer.name(), what, Plain.value(id));
            return status();
        } catch (NoSuchElementException unknown) {
            throw new Refusal(404, String.valueOf(unknown.getMessage()));
        } catch (IllegalArgumentException wrong) {
            throw new Refusal(400, String.valueOf(wrong.getMessage()));
        } catch (IllegalStateException closed) {
            throw new Refusal(503, String.valueOf(closed.getMessage()));
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

    private Answer status() {
        return new Answer(200, JSON, StatusJson.of(balancer, access.hasToken()));
    }

    private Answer health() {
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
        return new Answer(healthy ? 200 : 503, JSON, json.toString());
    }

    private Answer page(String nonce) {
        return new Answer(200, HTML, page.replace("{{nonce}}", nonce))
                .with(
                        "Content-Security-Policy",
                        "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce
                                + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                                + " frame-ancestors 'none'");
    }

    private String nonce() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
