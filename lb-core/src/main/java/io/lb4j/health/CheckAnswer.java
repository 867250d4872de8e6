package io.lb4j.health;

import io.lb4j.internal.util.Checks;

/**
 * What a backend that is healthy says of itself when it is checked: how much it wants to get. That it is not healthy, a
 * check says by what it throws.
 *
 * @param weightPercent the part of its configured weight it is to have until the next answer, 0..100, rounded up to whole
 *     percents of its share; with 0 it gets no new connection and stays UP
 * @param draining whether it is to get no new connection, and be shown as {@code DRAINING}: those it has go on. The
 *     next answer without it brings it back
 */
public record CheckAnswer(int weightPercent, boolean draining) {
    /** All of its weight: what a check that has nothing else to say says. */
    public static final CheckAnswer HEALTHY = new CheckAnswer(100, false);

    /** No new connection, for the moment. */
    public static final CheckAnswer DRAINING = new CheckAnswer(100, true);

    /**
     * An answer of these parts.
     *
     * @throws IllegalArgumentException when the weight is out of its range
     */
    public CheckAnswer {
        Checks.range("weightPercent", weightPercent, 0, 100);
    }

    /**
     * This part of its weight.
     *
     * @throws IllegalArgumentException when it is not within 0..100
     */
    public static CheckAnswer weight(int percent) {
        return percent == HEALTHY.weightPercent ? HEALTHY : new CheckAnswer(percent, false);
    }

    /** What is left where several have to be content: the smaller weight, and draining if one of them is. */
    CheckAnswer and(CheckAnswer other) {
        if (other.equals(HEALTHY)) {
            return this;
        }
        return new CheckAnswer(Math.min(weightPercent, other.weightPercent), draining || other.draining);
    }
}
