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
    /**
     * The next backend to try for this connection.
     *
     * @param connection the client, and which attempt this is; valid during the call only
     * @param failed the routes that failed for this connection, oldest first; empty on the first attempt
     * @return the route to try, or null when there is none (left)
     */
    @Nullable
    Route next(ClientConnection connection, List<Route> failed);
}
