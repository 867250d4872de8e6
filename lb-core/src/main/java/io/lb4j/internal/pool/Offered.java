package io.lb4j.internal.pool;

/** Who is offered to connections. */
enum Offered {
    NOBODY,
    /** Those that are UP: the case when there are enough of them. */
    ELIGIBLE,
    /** Those that have not been checked yet. */
    UNPROVEN,
    /** All that an operator did not take out. */
    ALL
}
