package io.lb4j.selection;

import io.lb4j.backend.Backend;

/**
 * A backend that can be chosen now, with its live figures. Readable from any thread. For one backend it is the same
 * object as long as the backend is in the balancer, so it can be compared by identity and be the key of a map.
 */
public interface Candidate {
    /** The backend, with the weight it was given last. */
    Backend backend();

    /** Connections to it that are open or being opened now, over all event loops. */
    int activeConnections();

    /**
     * How long connections to it took to be made, in nanoseconds: a moving average that follows a longer time at once,
     * a shorter one within some 10 s, and fades away while nothing is connected. 0 when nothing is known.
     */
    default long connectTimeNanos() {
        return 0;
    }
}
