package io.lb4j.internal.pool;

import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnRecovery;

/**
 * By what rules a snapshot offers its members to connections.
 *
 * @param noneHealthy what happens while fewer than {@code minimum} can be chosen
 * @param isTryingUnproven whether those that have not been checked yet are offered when nobody else can be
 * @param onRecovery what happens when a preferred one comes up
 * @param isOrdered whether each is preferred to those of its priority that come after it
 */
record OfferRules(
        NoneHealthy noneHealthy,
        MinimumHealthy minimum,
        boolean isTryingUnproven,
        OnRecovery onRecovery,
        boolean isOrdered) {

    /** @param isUpUnchecked whether one that has not been checked is taken for healthy when it is there from the begin */
    static OfferRules of(PoolRules settings, boolean isUpUnchecked) {
        return new OfferRules(
                settings.noneHealthy(),
                settings.minimumHealthy(),
                isUpUnchecked,
                settings.onRecovery(),
                settings.isOrdered());
    }

    /** Whether too few can be chosen. */
    boolean areTooFew(Census census) {
        return census.eligible() < minimum.of(census.worthATry());
    }

    /** Who is offered of members of whom so many are what. */
    Offered offered(Census census) {
        if (!areTooFew(census)) {
            return Offered.ELIGIBLE;
        }
        return switch (noneHealthy) {
            case TRY_ALL -> Offered.ALL;
            case CLOSE -> census.eligible() > 0 ? Offered.NOBODY : unproven();
            case STOP_LISTENING -> census.eligible() > 0 ? Offered.ELIGIBLE : unproven();
        };
    }

    private Offered unproven() {
        return isTryingUnproven && minimum.equals(MinimumHealthy.ONE) ? Offered.UNPROVEN : Offered.NOBODY;
    }

    boolean isStaying() {
        return onRecovery == OnRecovery.STAY;
    }
}
