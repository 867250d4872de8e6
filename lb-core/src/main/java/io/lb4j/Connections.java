package io.lb4j;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Promises;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.stats.OpenConnection;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a running balancer, for looking and for ending one. Every method can be called from any thread,
 * and returns at once: each event loop is asked, and answers on its own thread in one of its next turns. A loop that a
 * guest keeps waiting answers when the guest returns, so whoever waits should not do so for ever; and a selector or a
 * listener of connections must not wait at all: it would wait for itself.
 *
 * <p>What depends on a result runs on a thread that nobody waits for but {@link LoadBalancer#close}. Looking costs a
 * pass over all connections; it is for people, not for a selector.
 */
public final class Connections {
    private final TcpProxy proxy;

    private final Pools pools;
    private final Rebalancing rebalancing;
    private final Promises promises;

    Connections(TcpProxy proxy, Pools pools, Rebalancing rebalancing, Promises promises) {
        this.proxy = proxy;
        this.pools = pools;
        this.rebalancing = rebalancing;
        this.promises = promises;
    }

    /**
     * All connections, also those that have no backend yet.
     *
     * @return completes with those of every loop as they were when it answered, in no order, unmodifiable; empty when the
     *     balancer is closed; exceptionally when there is no memory for that
     */
    public CompletableFuture<List<OpenConnection>> list() {
        return proxy.openConnections();
    }

    /**
     * The connections of one backend, those that are LEAVING included.
     *
     * @param backend its id; there are none for an id that no backend has
     * @return as of {@link #list()}
     */
    public CompletableFuture<List<OpenConnection>> list(String backend) {
        Checks.notNull("backend", backend);
        return proxy.openConnections().thenApply(open -> open.stream()
                .filter(one -> Objects.equals(one.backend(), backend))
                .toList());
    }

    /**
     * Ends one connection, with a reset to both sides and {@link CloseReason#CLOSED_BY_OPERATOR}.
     *
     * @param id the connection's number, as of {@link OpenConnection#id} and of events
     * @return completes with whether it was open
     */
    public CompletableFuture<Boolean> close(long id) {
        return proxy.abort(id, CloseReason.CLOSED_BY_OPERATOR);
    }

    /**
     * Ends a part of the connections that are open now, so that their clients connect anew and are spread over the
     * backends there are: for protocols whose clients stay connected for days and reconnect by themselves (AMQP, MQTT,
     * database pools), after backends were added or are back. Ends them one after another over a time, and of those
     * there are at each moment the ones that have been silent longest, with {@link CloseReason#REBALANCED}. Those that
     * end by themselves meanwhile count for it. Returns at once.
     *
     * @param percent how many of them, 1..100, rounded up
     * @param over how long it takes; may be zero
     * @return completes with how many were ended, when it is over; it ends early with the balancer
     * @throws IllegalArgumentException when {@code percent} is out of range or {@code over} negative
     */
    public CompletableFuture<Integer> rebalance(int percent, Duration over) {
        return begin(null, percent, over);
    }

    /**
     * The same for the connections of one backend.
     *
     * @param backend its id
     * @throws NoSuchElementException when no backend has this id
     * @throws IllegalArgumentException when {@code percent} is out of range or {@code over} negative
     */
    public CompletableFuture<Integer> rebalance(String backend, int percent, Duration over) {
        Checks.notNull("backend", backend);
        var unused = pools.now().of(backend);
        return begin(backend, percent, over);
    }

    private CompletableFuture<Integer> begin(@Nullable String backend, int percent, Duration over) {
        Checks.range("percent", percent, 1, 100);
        return promises.of(rebalancing.begin(backend, percent, Checks.notNegative("over", over)));
    }
}
