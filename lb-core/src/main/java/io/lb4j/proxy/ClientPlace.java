package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.relay.TokenBuckets;
import org.jspecify.annotations.Nullable;

/**
 * What a client who comes in gets: a place among the connections that are counted of him, to be given back once; or the
 * reason why he gets none.
 */
class ClientPlace {
    /** Nothing is counted of him. */
    static final ClientPlace UNCOUNTED = new ClientPlace(null);

    static final ClientPlace DENIED = new ClientPlace(CloseReason.ACCESS_DENIED);
    static final ClientPlace TOO_MANY = new ClientPlace(CloseReason.CLIENT_LIMIT);
    static final ClientPlace TOO_OFTEN = new ClientPlace(CloseReason.CLIENT_RATE);

    static final ClientPlace NOT_TRUSTED = new ClientPlace(CloseReason.PEER_NOT_TRUSTED);

    private final @Nullable CloseReason refusal;

    ClientPlace(@Nullable CloseReason refusal) {
        this.refusal = refusal;
    }

    /** Why he is to be turned away; null when he is let in. */
    @Nullable
    CloseReason refusal() {
        return refusal;
    }

    /** The bandwidth that all of his connections share; null when they share none. */
    @Nullable
    TokenBuckets bandwidth() {
        return null;
    }

    /** His connection has ended. Neither fails nor allocates. */
    void leave(long now) {}
}
