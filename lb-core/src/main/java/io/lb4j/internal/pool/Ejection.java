package io.lb4j.internal.pool;

/**
 * One ejection of a backend, from its begin to its end.
 *
 * @param reason why, for people
 * @param forConnects whether connecting failed, which a health check that passes refutes
 */
record Ejection(String reason, boolean forConnects) {
    /** Two ejections are never the same, however alike. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
