package io.lb4j.backend;

/** Whether a backend gets new connections. */
public enum BackendStatus {
    /** Healthy: it gets new connections, unless its weight is 0. */
    UP,
    /** Its health checks fail: no new connections until one passes. Connections it has are kept. */
    DOWN
}
