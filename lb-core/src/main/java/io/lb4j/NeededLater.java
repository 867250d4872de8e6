package io.lb4j;

import io.lb4j.backend.BackendState;
import io.lb4j.backend.CheckResult;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.internal.util.BlockingLookUp;
import io.lb4j.internal.util.NoHandle;
import io.lb4j.internal.util.OwnFailure;
import io.lb4j.internal.util.Plain;
import io.lb4j.internal.util.Polling;
import io.lb4j.internal.util.Preload;
import io.lb4j.proxy.ProxyReconfiguration;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.PoolStats;
import io.lb4j.stats.QueueStats;

/**
 * What a balancer is told, asked or changed by, and how it ends: classes that are first needed when it runs. A process that
 * is out of descriptors then could not load them.
 */
final class NeededLater {
    private NeededLater() {}

    static void load() {
        Preload.classes(
                Connections.class,
                Destination.ByFunction.class,
                FrontendBuilder.class,
                LoadBalancerState.class,
                PoolBuilder.class,
                Routes.class,
                Routes.Builder.class,
                PoolReconfiguration.class,
                Polling.class,
                ProxyReconfiguration.class,
                Reconfiguration.class,
                LoadBalancerStats.class,
                BackendStats.class,
                BackendState.class,
                BackendStatusChanged.class,
                BlockingLookUp.class,
                CheckResult.class,
                DrainBegan.class,
                DrainEnded.class,
                HealthCheckEnded.class,
                NoHandle.class,
                OwnFailure.class,
                Plain.class,
                PoolStats.class,
                QueueStats.class);
    }
}
