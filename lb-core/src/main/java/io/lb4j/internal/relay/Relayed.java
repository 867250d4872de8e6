package io.lb4j.internal.relay;

import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.LoopCounters;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connection, as its sockets and its relay see it. Confined to its loop. */
public interface Relayed {
    /** A part of a connection's life that can fail. */
    interface Step {
        void run() throws IOException;
    }

    RelayLoop loop();

    Limits limits();

    /** Those of its frontend on this loop. */
    LoopCounters counters();

    ConnectionState state();

    long acceptedAt();

    /** One of its sockets is ready. */
    void ready(Endpoint endpoint, int readyOps);

    /** Something that did not come from one of its sockets; nothing when the connection has ended. */
    void guarded(Step step);

    /** Moves to another state if it is not there and can. */
    void become(ConnectionState next);

    /** Names the reason the connection will end for; the first one named stays. */
    void blame(CloseReason why, @Nullable Throwable failure);

    /** One side was waited for in vain. */
    void timedOut(CloseReason reason, Party by);

    /** Ends the connection with a reset to whoever is still there. The first reason given in its life wins. */
    void abort(CloseReason why, @Nullable Throwable failure);

    /** {@link #abort} when the reason has been given before. */
    default void abortAsBlamed() {
        abort(CloseReason.INTERNAL_ERROR, null);
    }

    /** Ends the connection when both sides have all they should have. */
    void close(CloseReason why, @Nullable Throwable failure);

    /** The route it has relayed by is given back. */
    void routeEnded(CloseReason why);
}
