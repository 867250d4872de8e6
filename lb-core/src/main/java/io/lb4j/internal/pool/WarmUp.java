package io.lb4j.internal.pool;

/**
 * A backend's way from a tenth of its share to the whole of it, in steps of one percent.
 *
 * @param since when it came up
 * @param nanos how long the way takes
 */
record WarmUp(long since, long nanos) {
    /** The whole share, in percent. */
    static final int FULL = 100;

    private static final int FIRST = 10;

    /** How much of its share it gets now. */
    int percent(long now) {
        long age = now - since;
        return age >= nanos ? FULL : FIRST + (int) ((FULL - FIRST) * (double) age / nanos);
    }

    /** When it gets one percent more than {@code percent}. */
    long stepAfter(int percent) {
        return since + (long) Math.ceil((double) nanos * (percent + 1 - FIRST) / (FULL - FIRST));
    }
}
