package io.lb4j.admin;

import static io.lb4j.admin.Answer.HTML;
import static io.lb4j.admin.Answer.JSON;
import static io.lb4j.admin.Answer.METRICS;

import io.lb4j.internal.util.Plain;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** Answers requests, on the admin thread. */
final class AdminHandler {
    private final List<Shown> shown;
    private final Access access;
    private final String page;
    private final AdminClock clock;
    private final Operations operations;
    private final Metrics metrics;
    private final SecureRandom random = new SecureRandom();

    AdminHandler(List<Shown> shown, Access access, String page, AdminClock clock) {
        this.shown = shown;
        this.access = access;
        this.page = page;
        this.clock = clock;
        operations = new Operations(access);
        metrics = new Metrics(clock);
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

    /**
     * The whole answer to the head of a request; to an empty one when that is too long. Completes on the admin thread, and
     * never with a failure.
     *
     * @param admin runs something on the admin thread
     */
    CompletableFuture<Outgoing> answer(String head, Executor admin) {
        boolean withoutBody = head.startsWith("HEAD ");
        try {
            return answered(head, admin)
                    .exceptionally(failure -> failed(failure.getCause() == null ? failure : failure.getCause()))
                    .thenApply(answer -> answer.outgoing(withoutBody));
        } catch (RuntimeException failure) {
            return CompletableFuture.completedFuture(failed(failure).outgoing(withoutBody));
        }
    }

    private Answer failed(Throwable failure) {
        if (failure instanceof Refusal refusal) {
            Answer answer = Answer.text(refusal.status, String.valueOf(refusal.getMessage()));
            return refusal.status == 401 ? answer.with("WWW-Authenticate", "Bearer") : answer;
        }
        shown.get(0).log.warn("admin: a request failed", null, failure);
        return Answer.text(500, "internal error; the log has it");
    }

    private CompletableFuture<Answer> answered(String head, Executor admin) {
        if (head.isEmpty()) {
            throw new Refusal(431, "the request is too long");
        }
        Request request = Request.parse(head);
        if (!access.knows(request)) {
            throw new Refusal(421, "this server is not known by that Host; see AdminServerBuilder.allowHost");
        }
        Matcher change = Operations.matcher(request.path());
        if (change.matches()) {
            return request.isOneOf("POST")
                    ? operations.change(request, one(request), change, admin).thenApply(done -> status(request))
                    : CompletableFuture.completedFuture(allow("POST"));
        }
        if (!request.isOneOf("GET", "HEAD")) {
            return CompletableFuture.completedFuture(allow("GET, HEAD"));
        }
        return request.path().equals("/connections")
                ? operations.connections(request, one(request), admin).thenApply(json -> new Answer(200, JSON, json))
                : CompletableFuture.completedFuture(
                        switch (request.path()) {
                            case "/" -> page(nonce());
                            case "/status" -> status(request);
                            case "/history" -> history(request);
                            case "/health" -> health(request);
                            case "/metrics" -> metrics(request);
                            default -> throw new Refusal(404, "there is no " + Plain.value(request.path()));
                        });
    }

    private static Answer allow(String methods) {
        return Answer.text(405, "expected: " + methods).with("Allow", methods);
    }

    // ---- of whom

    /** The balancer that the request names; all when it names none. */
    private List<Shown> asked(Request request) {
        String name = request.parameter("balancer");
        if (name == null) {
            return shown;
        }
        return List.of(shown.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Refusal(404, "there is no balancer " + Plain.value(name))));
    }

    private Shown one(Request request) {
        List<Shown> asked = asked(request);
        if (asked.size() > 1) {
            throw new Refusal(400, "expected: balancer=<name>, as there are several");
        }
        return asked.get(0);
    }

    // ---- answers

    private Answer status(Request request) {
        boolean changeable = access.hasToken();
        return new Answer(200, JSON, each(request, (one, json) -> json.status(changeable)));
    }

    private Answer history(Request request) {
        long after = number(request.parameter("after"));
        return new Answer(200, JSON, each(request, (one, json) -> json.history(after)));
    }

    private static long number(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        if (!text.matches("\\d{1,15}")) {
            throw new Refusal(400, "expected: after=<the number that an answer gave as last>");
        }
        return Long.parseLong(text);
    }

    /** An object when there is one balancer, or one was asked for; else a list of objects. */
    private String each(Request request, BiConsumer<Shown, StatusJson> what) {
        List<Shown> asked = asked(request);
        Json json = new Json();
        boolean isList = asked.size() > 1;
        if (isList) {
            json.beginList();
        }
        for (Shown one : asked) {
            json.beginElement();
            what.accept(one, new StatusJson(one, json, clock.nowMillis()));
            json.end();
        }
        return (isList ? json.endList() : json).toString();
    }

    private Answer metrics(Request request) {
        return new Answer(200, METRICS, metrics.of(asked(request)));
    }

    private Answer health(Request request) {
        List<Shown.Condition> asked =
                asked(request).stream().map(Shown::condition).toList();
        boolean healthy = asked.stream().allMatch(Shown.Condition::isHealthy);
        Json json = new Json().begin().field("healthy", healthy);
        if (asked.size() == 1) {
            health(json, asked.get(0));
        } else {
            json.beginList("balancers");
            for (Shown.Condition one : asked) {
                json.beginElement().field("name", one.name()).field("healthy", one.isHealthy());
                health(json, one);
                json.end();
            }
            json.endList();
        }
        return new Answer(healthy ? 200 : 503, JSON, json.end().toString());
    }

    private static void health(Json json, Shown.Condition one) {
        json.field("state", one.state().name()).field("backendsUp", one.up());
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
