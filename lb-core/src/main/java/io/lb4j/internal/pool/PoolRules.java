package io.lb4j.internal.pool;

import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a pool.
 *
 * @param isOrdered whether the selector {@linkplain BackendSelector#prefersEarlier prefers} each to those after it; asked once
 * @param slowStart how long a backend warms up; null when it does not
 * @param outliers when backends are ejected; null when they are not
 * @param minimumHealthy how many have to be UP
 * @param queue how connections wait while all are full; null when they do not
 */
public record PoolRules(
        BackendSelector selector,
        boolean isOrdered,
        @Nullable Duration slowStart,
        @Nullable OutlierPolicy outliers,
        NoneHealthy noneHealthy,
        MinimumHealthy minimumHealthy,
        OnDown onDown,
        OnRecovery onRecovery,
        @Nullable QueuePolicy queue) {
    /** Everything as it is by default, with this selector. */
    public static PoolRules of(BackendSelector selector) {
        return new PoolRules(
                selector,
                selector.prefersEarlier(),
                null,
                OutlierPolicy.builder().build(),
                NoneHealthy.CLOSE,
                MinimumHealthy.ONE,
                OnDown.KEEP,
                OnRecovery.KEEP,
                QueuePolicy.builder().build());
    }

    PoolRules withSlowStart(@Nullable Duration changed) {
        return new PoolRules(
                selector, isOrdered, changed, outliers, noneHealthy, minimumHealthy, onDown, onRecovery, queue);
    }

    PoolRules withOutliers(@Nullable OutlierPolicy changed) {
        return new PoolRules(
                selector, isOrdered, slowStart, changed, noneHealthy, minimumHealthy, onDown, onRecovery, queue);
    }

    PoolRules with(NoneHealthy changed) {
        return new PoolRules(
                selector, isOrdered, slowStart, outliers, changed, minimumHealthy, onDown, onRecovery, queue);
    }

    PoolRules with(MinimumHealthy changed) {
        return new PoolRules(selector, isOrdered, slowStart, outliers, noneHealthy, changed, onDown, onRecovery, queue);
    }

    PoolRules with(OnDown changed) {
        return new PoolRules(
                selector, isOrdered, slowStart, outliers, noneHealthy, minimumHealthy, changed, onRecovery, queue);
    }

    PoolRules with(OnRecovery changed) {
        return new PoolRules(
                selector, isOrdered, slowStart, outliers, noneHealthy, minimumHealthy, onDown, changed, queue);
    }

    PoolRules withQueue(@Nullable QueuePolicy changed) {
        return new PoolRules(
                selector, isOrdered, slowStart, outliers, noneHealthy, minimumHealthy, onDown, onRecovery, changed);
    }
}
