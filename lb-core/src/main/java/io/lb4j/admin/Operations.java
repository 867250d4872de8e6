package io.lb4j.admin;

import io.lb4j.Backends;
import io.lb4j.LoadBalancer;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Plain;
import io.lb4j.stats.OpenConnection;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator does through an admin server, and what open connections there are to do it to. */
final class Operations {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Pattern CHANGE = Pattern.compile(
            "/backends/(?<id>[^/]+)/(?<act>drain|enable|disable|weight|rebalance)|/frontends/(?<frontend>[^/]+)/drain|/connections/((?<number>\\d{1,18})/close|rebalance)");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m|h)?");

    /** The oldest; more than these nobody reads. */
    private static final int MOST_LISTED = 500;

    private final Access access;

    Operations(Access access) {
        this.access = access;
    }

    static Matcher matcher(String path) {
        return CHANGE.matcher(path);
    }

    /** What another thread completes, completed on the admin thread: whatever depends on it runs there. */
    static <T> CompletableFuture<T> on(Executor admin, CompletionStage<T> elsewhere) {
        return elsewhere.whenCompleteAsync((any, failure) -> {}, admin).toCompletableFuture();
    }

    /**
     * Does what the matcher has found in the path of a request; throws a {@link Refusal} when it must not be. Completes on
     * the admin thread.
     */
    CompletableFuture<?> change(Request request, Shown shown, Matcher path, Executor admin) {
        check(request);
        String number = path.group("number");
        if (number != null) {
            return close(shown, Long.parseLong(number), admin);
        }
        String frontend = path.group("frontend");
        if (frontend != null) {
            return drainFrontend(request, shown, Request.decoded(frontend), admin);
        }
        String id = path.group("id");
        return change(
                request, shown, id == null ? null : Request.decoded(id), id == null ? "rebalance" : path.group("act"));
    }

    /** Throws a {@link Refusal} unless this is an operator's. */
    private void check(Request request) {
        if (!access.hasToken()) {
            throw new Refusal(403, "this is for operators, and there are none: no token was set");
        }
        if (!access.isOwnOrigin(request)) {
            throw new Refusal(403, "this is not for pages of others");
        }
        if (!access.isOperator(request)) {
            throw new Refusal(401, "expected: Authorization: Bearer <token>");
        }
    }

    private static CompletableFuture<?> change(Request request, Shown shown, @Nullable String id, String act) {
        try {
            String text = id == null || act.equals("rebalance")
                    ? rebalance(request, shown.balancer, id)
                    : change(request, shown.balancer, id, act);
            did(shown, id, text);
            return CompletableFuture.completedFuture(text);
        } catch (NoSuchElementException unknown) {
            throw new Refusal(404, String.valueOf(unknown.getMessage()));
        } catch (IllegalArgumentException wrong) {
            throw new Refusal(400, String.valueOf(wrong.getMessage()));
        } catch (IllegalStateException closed) {
            throw new Refusal(503, String.valueOf(closed.getMessage()));
        }
    }

    private static String change(Request request, LoadBalancer balancer, String id, String act) {
        Backends backends = balancer.poolOf(id).backends();
        switch (act) {
            case "enable" -> backends.enable(id);
            case "disable" -> backends.disable(id);
            case "weight" -> {
                int weight = number(request, "value");
                backends.weight(id, weight);
                return "weight " + weight;
            }
            default -> {
                Duration grace = duration(request, "grace");
                var unused = backends.drain(id, grace);
                return "drain, grace " + seconds(grace);
            }
        }
        return act;
    }

    private static String rebalance(Request request, LoadBalancer balancer, @Nullable String id) {
        int percent = number(request, "percent");
        Duration over = duration(request, "over");
        var unused = id == null
                ? balancer.connections().rebalance(percent, over)
                : balancer.connections().rebalance(id, percent, over);
        return "rebalance, " + percent + " % over " + seconds(over);
    }

    private static CompletableFuture<?> close(Shown shown, long connection, Executor admin) {
        return on(admin, shown.balancer.connections().close(connection)).thenAccept(closed -> {
            if (!closed) {
                throw new Refusal(404, "connection " + connection + " is not open");
            }
            did(shown, null, "connection " + connection + " ended");
        });
    }

    /** On a thread of its own: until the ports are free it may take a second, for which nobody else is to wait. */
    private static CompletableFuture<?> drainFrontend(Request request, Shown shown, String name, Executor admin) {
        Duration grace = duration(request, "grace");
        CompletableFuture<Void> begun = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        var unused = shown.balancer.frontend(name).drain(grace);
                        begun.complete(null);
                    } catch (Throwable refused) {
                        begun.completeExceptionally(refused);
                    }
                },
                Names.thread(shown.name(), "admin-drain"));
        thread.setDaemon(true);
        thread.start();
        return on(admin, begun).handle((none, refused) -> {
            refuse(refused);
            did(shown, null, "frontend " + Plain.value(name) + ": drain, grace " + seconds(grace));
            return null;
        });
    }

    private static void refuse(@Nullable Throwable refused) {
        Throwable cause = refused instanceof CompletionException ? refused.getCause() : refused;
        if (cause instanceof NoSuchElementException) {
            throw new Refusal(404, String.valueOf(cause.getMessage()));
        } else if (cause instanceof IllegalStateException) {
            throw new Refusal(409, String.valueOf(cause.getMessage()));
        } else if (cause != null) {
            throw new CompletionException(cause);
        }
    }

    private static String seconds(Duration grace) {
        return grace.toMillis() / 1000.0 + " s";
    }

    private static void did(Shown shown, @Nullable String backend, String text) {
        shown.events.operated(backend, text);
        String at = backend == null ? "" : " backend " + Plain.value(backend);
        LOG.info("{}: admin: {}{}", shown.name(), text, at);
    }

    private static int number(Request request, String name) {
        String number = request.parameter(name);
        if (number == null || !number.matches("\\d{1,9}")) {
            throw new Refusal(400, "expected: ?" + name + "=<a whole number>");
        }
        return Integer.parseInt(number);
    }

    /** {@code 500ms}, {@code 60s}, {@code 5m}, {@code 1h}; a number alone is seconds. */
    private static Duration duration(Request request, String name) {
        String text = request.parameter(name);
        Matcher parts = DURATION.matcher(text == null ? "" : text);
        if (!parts.matches()) {
            throw new Refusal(400, "expected: ?" + name + "=<a duration like 500ms, 60s, 5m or 1h>");
        }
        long number = Long.parseLong(parts.group(1));
        return switch (String.valueOf(parts.group(2))) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
        };
    }

    // ---- open connections

    /** Those of the backend that the request names; all when it names none. The oldest first, and no more than anybody reads. */
    CompletableFuture<String> connections(Request request, Shown shown, Executor admin) {
        check(request);
        String backend = request.parameter("backend");
        return shown.connections.list(admin).thenApply(open -> json(ofBackend(open, backend)));
    }

    private static List<OpenConnection> ofBackend(List<OpenConnection> open, @Nullable String backend) {
        return backend == null
                ? open
                : open.stream()
                        .filter(one -> Objects.equals(one.backend(), backend))
                        .toList();
    }

    private static String json(List<OpenConnection> open) {
        Json json = new Json().begin().field("count", open.size()).beginList("connections");
        open.stream().limit(MOST_LISTED).forEach(one -> json.beginElement()
                .field("id", one.id())
                .field("client", Hosts.join(one.clientAddress()))
                .field("backend", one.backend())
                .field("pool", one.pool())
                .field("frontend", one.frontend())
                .field("ageMillis", one.age().toMillis())
                .field("idleMillis", one.idle().toMillis())
                .field("bytesToBackend", one.bytesToBackend())
                .field("bytesToClient", one.bytesToClient())
                .end());
        return json.endList().end().toString();
    }
}
