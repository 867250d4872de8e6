package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The settings a pool runs with.
 *
 * @param name tells pools of one balancer apart
 * @param backends the backends it was started with; unmodifiable
 * @param eachBackend what each backend becomes on its way into the pool
 * @param selector how a backend is chosen
 * @param slowStart how long a backend that came up warms up; empty when it has its whole share at once
 * @param healthCheck how backends are checked; empty when they are not
 * @param outlierDetection when backends are ejected; empty when they are not
 * @param whenNoneHealthy what happens to new connections while fewer backends are UP than the minimum
 * @param minimumHealthy how many have to be UP
 * @param onDown what happens to the connections of a backend that goes DOWN
 * @param onRecovery what happens when a preferred backend is UP again
 * @param queue how connections wait while all backends are full; empty when they do not
 * @param discovery where the list of backends comes from; empty when it is changed by calls alone
 * @param discoveryPolicy when the discovery is asked, if there is one
 */
public record PoolConfig(
        String name,
        List<Backend> backends,
        UnaryOperator<Backend> eachBackend,
        BackendSelector selector,
        Optional<Duration> slowStart,
        Optional<HealthCheckPolicy> healthCheck,
        Optional<OutlierPolicy> outlierDetection,
        NoneHealthy whenNoneHealthy,
        MinimumHealthy minimumHealthy,
        OnDown onDown,
        OnRecovery onRecovery,
        Optional<QueuePolicy> queue,
        Optional<BackendDiscovery> discovery,
        DiscoveryPolicy discoveryPolicy) {
    public PoolConfig {
        backends = List.copyOf(backends);
    }
}
