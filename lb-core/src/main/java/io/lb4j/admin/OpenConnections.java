package io.lb4j.admin;

import io.lb4j.stats.OpenConnection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the open connections of one balancer. A look costs every event loop a pass over all of them, so no more than
 * one is begun in ten seconds while it is under way, and whoever asks meanwhile shares it. Confined to the admin thread.
 */
final class OpenConnections {
    /** A loop that a guest holds answers when the guest lets it; those who have gone since are still waited for. */
    static final int MOST_WAITING = AdminLoop.MOST_CONNECTIONS;

    private static final Comparator<OpenConnection> OLDEST_FIRST =
            Comparator.comparing(OpenConnection::age).reversed();

    /** By then, whoever waits for it has been cut; it may never end, if its loop found no memory to say so. */
    static final long LONGEST = TimeUnit.SECONDS.toNanos(10);

    private final AdminClock clock;
    private final Supplier<CompletableFuture<List<OpenConnection>>> look;
    private long begunAt;
    private @Nullable CompletableFuture<List<OpenConnection>> underWay;
    private int waiting;

    OpenConnections(AdminClock clock, Supplier<CompletableFuture<List<OpenConnection>>> look) {
        this.clock = clock;
        this.look = look;
    }

    /**
     * The oldest first. Completes on the admin thread; a {@link Refusal} when too many wait already.
     *
     * @param admin runs something on the admin thread, later
     */
    CompletableFuture<List<OpenConnection>> list(Executor admin) {
        CompletableFuture<List<OpenConnection>> shared = underWay;
        if (shared == null || shared.isDone() || clock.nowNanos() - begunAt >= LONGEST) {
            shared = Operations.on(admin, look.get())
                    .thenApply(open -> open.stream().sorted(OLDEST_FIRST).toList());
            underWay = shared;
            begunAt = clock.nowNanos();
            waiting = 0;
        }
        if (waiting == MOST_WAITING) {
            throw new Refusal(503, "an event loop has not told its connections yet, and enough wait for that");
        }
        waiting++;
        return shared;
    }
}
