package io.lb4j.proxy;

import io.lb4j.selection.ClientConnection;
import org.jspecify.annotations.Nullable;

/**
 * The place of one connection in the line of a {@link Router}. Every method is called on the connection's event loop and
 * must not block.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public interface PlaceInLine {
    /**
     * Called after {@link Waiter#call}: the answer to it. Whatever it is but {@link Router#FULL}, the connection has left
     * the line when this returns or throws.
     *
     * @return as {@link Router#next}; {@link Router#FULL} when it has to wait on, at the same place
     */
    @Nullable
    Route next(ClientConnection connection);

    /** The connection waits no more. What it was called for goes to the next one. Does not fail. */
    void leave();

    /** The attempt that followed has failed, and others are full: it waits again, before all who came after it. */
    void joinAgain();

    /**
     * How long the connection may wait, in nanoseconds; all its waits together.
     *
     * @param connectTimeout how long an attempt to connect may take
     */
    long timeout(long connectTimeout);
}
