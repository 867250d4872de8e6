package io.lb4j.backend;

/**
 * Whether a backend gets new connections. What an operator said comes first, then what its connections showed, then
 * what its checks found: the first of these that holds, from the bottom of this list up, is the status.
 */
public enum BackendStatus {
    /** It gets new connections, unless its weight is 0. */
    UP,
    /** Its health checks fail: no new connections until one passes. Connections it has are kept, unless set otherwise. */
    DOWN,
    /** Connecting to it kept failing: no new connections for a while. */
    EJECTED,
    /** It was told to drain: no new connections, those it has may end. */
    DRAINING,
    /** It was disabled: no new connections. */
    DISABLED,
    /**
     * It was removed, or is missing from the new list: no new connections, and it is gone when the last of those it has
     * has ended. Its checks go on until then.
     */
    LEAVING
}
