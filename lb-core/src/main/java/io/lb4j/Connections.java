package io.lb4j;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.util.Checks;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.stats.OpenConnection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

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

    Connections(TcpProxy proxy) {
        this.proxy = proxy;
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
}
