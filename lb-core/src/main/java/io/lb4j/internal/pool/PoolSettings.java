package io.lb4j.internal.pool;

import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a pool.
 *
 * @param slowStart how long a backend warms up; null when it does not
 * @param outliers when backends are ejected; null when they are not
 * @param queue how connections wait while all are full; null when they do not
 */
public record PoolSettings(
        BackendSelector selector,
        @Nullable Duration slowStart,
        @Nullable OutlierPolicy outliers,
        NoneHealthy noneHealthy,
        OnDown onDown,
        @Nullable QueuePolicy queue) {
    /** Everything as it is by default, with this selector. */
    public static PoolSettings of(BackendSelector selector) {
        return new PoolSettings(
                selector,
                null,
                OutlierPolicy.builder().build(),
                NoneHealthy.CLOSE,
                OnDown.KEEP,
                QueuePolicy.builder().build());
    }

    PoolSettings withSlowStart(@Nullable Duration time) {
        return new PoolSettings(selector, time, outliers, noneHealthy, onDown, queue);
    }

    PoolSettings withOutliers(@Nullable OutlierPolicy policy) {
        return new PoolSettings(selector, slowStart, policy, noneHealthy, onDown, queue);
    }

    PoolSettings with(NoneHealthy choice) {
        return new PoolSettings(selector, slowStart, outliers, choice, onDown, queue);
    }

    PoolSettings with(OnDown choice) {
        return new PoolSettings(selector, slowStart, outliers, noneHealthy, choice, queue);
    }

    PoolSettings withQueue(@Nullable QueuePolicy policy) {
        return new PoolSettings(selector, slowStart, outliers, noneHealthy, onDown, policy);
    }
}
