package io.lb4j.internal.pool;

/**
 * How many of a pool's backends are what: counted once, and from then on as they change.
 *
 * @param eligible those that are UP and have a weight
 * @param worthATry those that have a weight and that no operator took out
 * @param reduced those that have less than their share
 * @param limited those with a limit of connections
 * @param leaving those that are no more than their last connections
 */
record Census(int up, int eligible, int worthATry, int ejected, int warmingUp, int reduced, int limited, int leaving) {
    static Census of(Member... members) {
        Census all = new Census(0, 0, 0, 0, 0, 0, 0, 0);
        for (Member member : members) {
            all = all.with(member);
        }
        return all;
    }

    Census with(Member one) {
        return with(one, 1);
    }

    Census without(Member one) {
        return with(one, -1);
    }

    private Census with(Member one, int step) {
        return new Census(
                up + (one.isUp() ? step : 0),
                eligible + (one.isEligible() ? step : 0),
                worthATry + (one.isWorthATry() ? step : 0),
                ejected + (one.ejection() != null && !one.isLeaving() ? step : 0),
                warmingUp + (one.isWarmingUp() ? step : 0),
                reduced + (one.sharePercent() < WarmUp.FULL ? step : 0),
                limited + (one.backend().maxConnections().isPresent() ? step : 0),
                leaving + (one.isLeaving() ? step : 0));
    }
}
