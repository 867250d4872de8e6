package io.lb4j.internal.pool;

import io.lb4j.internal.health.Health;

/**
 * One ejection of a backend, from its begin to its end.
 *
 * @param reason why, for people
 * @param forConnects whether connecting failed, which a health check that passes refutes
 * @param beganAt the time of the nano clock
 * @param endsAt the time of the nano clock at which it ends, unless a check ends it before
 */
record Ejection(String reason, boolean forConnects, long beganAt, long endsAt) {
    /** Only by what is newer: a check that began before the last of these connects failed may have met a better time. */
    boolean isRefutedBy(Health health) {
        return forConnects && health.passed() > 0 && health.beganAt() - beganAt > 0;
    }

    boolean isOver(long now) {
        return now - endsAt >= 0;
    }

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
