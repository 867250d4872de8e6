package io.lb4j.internal.pool;

/** Who is offered while nobody is eligible. */
enum InNeed {
    NOBODY,
    /** Those that have not been checked yet. */
    UNPROVEN,
    /** All that an operator did not take out. */
    ALL
}
