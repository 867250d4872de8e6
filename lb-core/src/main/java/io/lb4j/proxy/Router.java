package io.lb4j.proxy;

import io.lb4j.selection.ClientConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says where a connection goes.
 *
 * <p>Called on the event loop that serves the connection; several loops call at the same time. It must not block. What
 * it throws is logged and refuses the connection.
 */
@FunctionalInterface
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public interface Router {
    /** What {@link #next} answers when the connection has to wait: there are backends for it, and all of them are full. */
    Route FULL = () -> {
        throw new IllegalStateException("nobody connects to this route");
    };

    /** What {@link #next} answers when there is no way for what the connection asks for. */
    Route NO_ROUTE = () -> {
        throw new IllegalStateException("nobody connects to this route");
    };

    /**
     * The next backend to try for this connection.
     *
     * @param connection the client, and which attempt this is; valid during the call only
     * @param failed the routes that failed for this connection, oldest first; empty on the first attempt
     * @return the route to try; null when there is none (left); {@link #FULL}, then {@link #join} is called; or
     *     {@link #NO_ROUTE}
     */
    @Nullable
    Route next(ClientConnection connection, List<Route> failed);

    /**
     * Lets a connection wait that {@link #next} has answered {@link #FULL}. Only routers need it that give this answer.
     *
     * @return its place in the line; null to refuse it because too many wait
     */
    default @Nullable PlaceInLine join(Waiter waiter) {
        throw new UnsupportedOperationException("a router that answers FULL has to have a line");
    }
}
