package io.lb4j.benchmarks.load;

/**
 * When requests are due that are sent at a fixed rate, whatever became of those before.
 *
 * @param begin the time of request 0, in nanoseconds
 * @param perSecond the rate
 */
record Schedule(long begin, double perSecond) {
    private static final double SECOND = 1e9;

    Schedule {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: above 0)");
        }
    }

    /** Computed from the first and not from the one before, so that rounding does not add up. */
    long at(long number) {
        return begin + (long) (number * (SECOND / perSecond));
    }

    /** How many are due before {@code time}: the number of the first that is not. */
    long before(long time) {
        long number = Math.max(0, (long) ((time - begin) / (SECOND / perSecond)));
        while (at(number) < time) {
            number++;
        }
        while (number > 0 && at(number - 1) >= time) {
            number--;
        }
        return number;
    }
}
