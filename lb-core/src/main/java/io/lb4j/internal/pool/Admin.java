package io.lb4j.internal.pool;

/** What an operator, or a list, said of a backend. */
enum Admin {
    ENABLED,
    DRAINING,
    DISABLED,
    LEAVING
}
