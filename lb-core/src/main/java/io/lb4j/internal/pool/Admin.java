package io.lb4j.internal.pool;

/** What an operator said of a backend. */
enum Admin {
    ENABLED,
    DRAINING,
    DISABLED
}
