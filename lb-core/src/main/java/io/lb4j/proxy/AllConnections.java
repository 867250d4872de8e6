package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.util.Promises;
import io.lb4j.stats.OpenConnection;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The connections of all loops, for who is on none of them: each loop is asked, and does it on its own thread. */
final class AllConnections {
    private final EventLoops loops;
    private final Promises promises;

    AllConnections(EventLoops loops, Promises promises) {
        this.loops = loops;
        this.promises = promises;
    }

    /** See {@link TcpProxy#giveUpAttempts}. */
    void giveUpAttempts(Route route) {
        for (EventLoop loop : List.copyOf(loops.all())) {
            loop.post(() -> loop.connections().giveUpAttempts(route));
        }
    }

    /** Completes with how many were taken off the route by a reset. */
    CompletableFuture<Integer> leave(Route route, CloseReason reason) {
        // Loops that begin meanwhile have no connection by a route that its router gives no more.
        return sum(connections -> connections.leave(route, reason));
    }

    /** Completes with how many of these numbers were open. */
    CompletableFuture<Integer> abort(Set<Long> ids, CloseReason reason) {
        return sum(connections -> connections.abort(ids, reason));
    }

    /** Completes, on a thread of the promise's, with whether this one was open. */
    CompletableFuture<Boolean> abort(long id, CloseReason reason) {
        return promises.of(abort(Set.of(id), reason)).thenApply(reset -> reset > 0);
    }

    private CompletableFuture<Integer> sum(ToIntFunction<ConnectionList> part) {
        AtomicInteger sum = new AtomicInteger();
        return Survey.of(loops.all(), loop -> sum.addAndGet(part.applyAsInt(loop.connections())))
                .thenApply(over -> sum.get());
    }

    /** Completes with those that are open; see {@link TcpProxy#openConnections}. */
    CompletableFuture<List<OpenConnection>> seen() {
        Queue<OpenConnection> open = new ConcurrentLinkedQueue<>();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        var over = Survey.of(loops.all(), loop -> {
            try {
                loop.connections().see(loop.now(), open::add);
            } catch (Throwable exhausted) {
                // Nothing was changed, so the loop has nothing to mend; and a part of the list is no list.
                failure.set(exhausted);
            }
        });
        return promises.of(over).thenApply(done -> {
            Throwable cause = failure.get();
            if (cause != null) {
                throw new CompletionException(cause);
            }
            return List.copyOf(open);
        });
    }
}
