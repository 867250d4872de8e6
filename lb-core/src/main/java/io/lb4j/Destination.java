package io.lb4j;

import io.lb4j.proxy.PlaceInLine;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.proxy.Waiter;
import io.lb4j.selection.ClientConnection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of a frontend go: to the pool of a name, or where a function says. One of both is null.
 *
 * @param routes what the function is, if it is known to which pools it leads
 */
record Destination(
        @Nullable String pool,
        @Nullable Function<ClientConnection, @Nullable String> function,
        @Nullable Routes routes) {
    static Destination pool(String name) {
        return new Destination(name, null, null);
    }

    /** Whether it is known to lead to this pool; a function may lead to each. */
    boolean leadsTo(String name) {
        return named().contains(name);
    }

    /**
     * Refuses a pool that is not there.
     *
     * @param frontend whose destination it is
     * @throws IllegalStateException when it is to a pool that is not among these
     */
    void refuseIfNotAmong(Set<String> pools, String frontend) {
        for (String named : named()) {
            if (!pools.contains(named)) {
                throw new IllegalStateException(
                        "frontend " + frontend + ": pool " + named + " (expected: one of " + pools + ")");
            }
        }
    }

    /** The pools that it is known to lead to; none for a function, of which nobody knows. */
    private Set<String> named() {
        if (routes != null) {
            return routes.pools();
        }
        return pool == null ? Set.of() : Set.of(pool);
    }

    boolean mayLeadTo(String name) {
        return named().isEmpty() || leadsTo(name);
    }

    /** Without anything between the connection and the pool, where that is known. */
    Router router(Pools pools) {
        return function == null ? pools.now().get(String.valueOf(pool)).backendPool() : new ByFunction(function, pools);
    }

    /** For people. */
    @Override
    public String toString() {
        if (routes != null) {
            return routes.toString();
        }
        return pool == null ? "by function" : "pool " + pool;
    }

    /**
     * Asks the function for each answer anew: it is a function of what is known of the connection, so one that has to wait
     * waits where it was sent to.
     */
    record ByFunction(Function<ClientConnection, @Nullable String> function, Pools pools) implements Router {
        @Override
        public @Nullable Route next(ClientConnection connection, List<Route> failed) {
            Router pool = of(connection);
            return pool == null ? NO_ROUTE : pool.next(connection, failed);
        }

        @Override
        public @Nullable PlaceInLine join(Waiter waiter) {
            Router pool = of(waiter.connection());
            return pool == null ? null : pool.join(waiter);
        }

        private @Nullable Router of(ClientConnection connection) {
            String name = function.apply(connection);
            Pool pool = name == null ? null : pools.now().find(name);
            if (name != null && pool == null) {
                throw new IllegalStateException("route of frontend " + connection.frontend() + ": " + name
                        + " (expected: null, or one of " + pools.now().names() + ")");
            }
            return pool == null ? null : pool.backendPool();
        }

        @Override
        public String toString() {
            return "route " + function;
        }
    }
}
