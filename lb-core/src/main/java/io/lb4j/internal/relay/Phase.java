package io.lb4j.internal.relay;

import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.LoopSelector;
import java.io.IOException;
import java.nio.channels.Selector;

/**
 * What a connection is at: finding a backend, or relaying. It owns what the connection has besides the client's socket,
 * until the next one has taken that over by one store. Confined to the connection's loop.
 */
public interface Phase {
    /** It has become what the connection is at. */
    void begin() throws IOException;

    /** One of the sockets is ready. */
    void ready(Endpoint endpoint, int readyOps) throws IOException;

    /** When {@link #expired} wants to be called, if nothing happens until then. */
    long wakeAt();

    /** It may be time for something. */
    void expired(long now) throws IOException;

    // ---- the end, in this order; none of it may need memory

    /** The connection is being reset: what relays is closed by a reset. */
    default void resetOnClose() {}

    /** The connection ends: its sockets are taken out of the selector, and its memory is given back. */
    void end();

    /** Whether sockets that must be closed by a reset are ready for that. */
    default boolean isReadyToClose() {
        return true;
    }

    /** The keys are out of the selector: its sockets close for good, and its route is given back. */
    void close(CloseReason why);

    // ---- for whoever looks

    /** When a byte moved last; when nothing has, the time that is handed in. */
    default long lastActivity(long otherwise) {
        return otherwise;
    }

    default long bytesToBackend() {
        return 0;
    }

    default long bytesToClient() {
        return 0;
    }

    /** When the client got its first byte; of no meaning when it got none. */
    default long firstByteAt() {
        return 0;
    }

    /** Who ended its stream first; the balancer when neither side has. */
    default Party firstFinished() {
        return Party.BALANCER;
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException;

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh);
}
