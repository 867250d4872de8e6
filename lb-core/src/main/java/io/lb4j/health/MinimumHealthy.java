package io.lb4j.health;

import io.lb4j.internal.util.Checks;

/**
 * How many backends have to be {@code UP} for the balancer to serve; what happens below that is {@link NoneHealthy}. Of
 * the two numbers the one that asks for more holds. Backends with weight 0 and those that an operator has taken out
 * (disabled, draining, removed) count neither as UP nor for the whole.
 *
 * @param backends how many at least, 1..10,000. Default: 1
 * @param percent how much of all at least, 0..100, rounded up. Default: 0
 */
public record MinimumHealthy(int backends, int percent) {
    /** One is enough: the default. */
    public static final MinimumHealthy ONE = new MinimumHealthy(1, 0);

    /**
     * A minimum of both.
     *
     * @throws IllegalArgumentException when one is out of its range
     */
    public MinimumHealthy {
        Checks.range("minimumHealthy", backends, 1, 10_000);
        Checks.range("minimumHealthyPercent", percent, 0, 100);
    }

    /**
     * How many of so many are enough.
     *
     * @param all how many there are, 0 or more
     */
    public int of(int all) {
        return Math.max(backends, (int) (((long) all * percent + 99) / 100));
    }
}
