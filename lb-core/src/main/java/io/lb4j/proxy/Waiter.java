package io.lb4j.proxy;

import io.lb4j.selection.ClientConnection;
import java.util.List;

/** A connection that waits in the line of a {@link Router}, as the router sees it. */
public interface Waiter {
    /** The client, as it was handed to {@link Router#next}; valid during {@link Router#join} only. */
    ClientConnection connection();

    /** The routes that failed for it, oldest first; the list stays as it is while the connection is in the line. */
    List<Route> failed();

    /**
     * Its turn has come: its event loop calls {@link PlaceInLine#next} soon, or {@link PlaceInLine#leave}. Called from any
     * thread, by several, and maybe more than once. Does not block and does not fail.
     */
    void call();
}
