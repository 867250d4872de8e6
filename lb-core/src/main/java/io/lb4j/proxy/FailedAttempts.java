package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one connection that have failed, and what its client is to be told if none succeeds. Immutable.
 *
 * @param routes those that were tried, unmodifiable
 * @param onlyShortages whether all of them failed for want of something on this machine
 * @param last why the last one failed
 */
record FailedAttempts(
        List<Route> routes, boolean onlyShortages, @Nullable Throwable last) {
    static final FailedAttempts NONE = new FailedAttempts(List.of(), true, null);

    /** These, and one more. */
    FailedAttempts and(Route route, boolean shortage, @Nullable Throwable why) {
        List<Route> all = new ArrayList<>(routes.size() + 1);
        all.addAll(routes);
        all.add(route);
        return new FailedAttempts(Collections.unmodifiableList(all), onlyShortages && shortage, why);
    }

    int count() {
        return routes.size();
    }

    /** Why the connection ends if there is no other attempt; {@code untried} if there was none. */
    CloseReason reason(CloseReason untried) {
        if (routes.isEmpty()) {
            return untried;
        }
        return onlyShortages ? CloseReason.LOCAL_SHORTAGE : CloseReason.CONNECT_FAILED;
    }
}
