package io.lb4j.selection;

import org.jspecify.annotations.Nullable;

/**
 * Chooses the backend of a connection.
 *
 * <p>Called once for each connection and once more for each further attempt, on the event loop that serves the
 * connection; several loops call at the same time, so an implementation must be thread-safe. It must not block: while
 * it runs, no other connection of that loop moves a byte. A call that takes long is reported in the log.
 */
@FunctionalInterface
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public interface BackendSelector {
    /**
     * The candidate that gets this connection.
     *
     * @param candidates who can be chosen: at least one, all healthy, none with weight 0; on a further attempt
     *     without those that failed
     * @param connection the client, and which attempt this is; valid during the call only
     * @return one of {@code candidates}, or null to refuse the connection. Anything else (a candidate kept from an
     *     earlier call that is no longer offered) is asked for once more, then the connection is refused. If this
     *     throws, the connection is refused. A refused connection ends with
     *     {@link io.lb4j.event.CloseReason#NO_BACKEND}, or with {@link io.lb4j.event.CloseReason#CONNECT_FAILED} when
     *     an attempt has failed before.
     */
    @Nullable
    Candidate select(Candidates candidates, ClientConnection connection);

    /**
     * Each backend in turn, starting at the first; all loops share one rotation, so the order is strict over the whole
     * balancer. Weights above 0 make no difference. When a backend cannot be connected to, its share goes to the
     * others in turn, not to its neighbour.
     *
     * <p>Choose it when backends are alike and connections cost about the same; not when connections are few and long.
     * Constant time, one atomic increment for each pick.
     */
    static BackendSelector roundRobin() {
        return new RoundRobinSelector();
    }
}
