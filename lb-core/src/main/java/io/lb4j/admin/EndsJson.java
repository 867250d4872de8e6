package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.Pool;
import io.lb4j.PoolConfig;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.Hosts;
import io.lb4j.proxy.Frontend;
import io.lb4j.stats.FrontendStats;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.PoolStats;
import io.lb4j.stats.QueueStats;
import java.time.Duration;
import java.util.List;

/** What {@code GET /status} says of both ends of a balancer: its frontends and its pools. */
final class EndsJson {
    private final Json json;
    private final LoadBalancerStats stats;

    EndsJson(Json json, LoadBalancerStats stats) {
        this.json = json;
        this.stats = stats;
    }

    void frontends(LoadBalancer balancer) {
        json.beginList("frontends");
        for (Frontend frontend : balancer.frontends()) {
            FrontendStats own = stats.frontends().get(frontend.name());
            // None when it was added between the two looks.
            if (own != null) {
                frontend(frontend, own);
            }
        }
        json.endList();
    }

    private void frontend(Frontend frontend, FrontendStats own) {
        json.beginElement().field("name", frontend.name()).beginList("addresses");
        frontend.addresses().forEach(address -> json.element(Hosts.join(address)));
        json.endList()
                .field("destination", frontend.config().destination())
                .field("listening", frontend.isListening())
                .field(
                        "certificateExpirySeconds",
                        frontend.certificateExpiry().map(Duration::toSeconds).orElse(null))
                .field("accepted", own.accepted())
                .field("active", own.active())
                .counts("closed", own.closed())
                .field("connectAttempts", own.connectAttempts())
                .field("bytesToBackend", own.bytesToBackend())
                .field("bytesToClient", own.bytesToClient())
                .field("bandwidthPauses", own.bandwidthPauses())
                .field("acceptPauses", own.acceptPauses())
                .field("acceptFailures", own.acceptFailures())
                .end();
    }

    /** @param states of the backends of all pools */
    void pools(LoadBalancer balancer, List<BackendState> states) {
        json.beginList("pools");
        for (Pool pool : balancer.pools()) {
            PoolStats own = stats.pools().get(pool.name());
            if (own != null) {
                List<BackendState> ofPool = states.stream()
                        .filter(state -> state.backend().pool().equals(pool.name()))
                        .toList();
                pool(pool.config(), ofPool, own.queue());
            }
        }
        json.endList();
    }

    private void pool(PoolConfig config, List<BackendState> states, QueueStats queue) {
        json.beginElement()
                .field("name", config.name())
                .field("backendsUp", count(states, BackendStatus.UP))
                .field("backendsAll", states.size() - count(states, BackendStatus.LEAVING))
                .beginList("backends");
        states.forEach(state -> json.element(state.backend().id()));
        json.endList();
        settings(config);
        json.begin("queue")
                .field("waiting", queue.waiting())
                .field("longestWaitMillis", queue.longestWait().toMillis())
                .field("isWanted", config.queue().isPresent())
                .end()
                .end();
    }

    private static long count(List<BackendState> states, BackendStatus status) {
        return states.stream().filter(state -> state.status() == status).count();
    }

    private void settings(PoolConfig config) {
        json.begin("settings")
                .field("selector", config.selector().toString())
                .field(
                        "slowStartMillis",
                        config.slowStart().map(Duration::toMillis).orElse(null))
                .field(
                        "checker",
                        config.healthCheck()
                                .map(check -> check.checker().toString())
                                .orElse(null))
                .field(
                        "checkIntervalMillis",
                        config.healthCheck()
                                .map(HealthCheckPolicy::interval)
                                .map(Duration::toMillis)
                                .orElse(null))
                .field("ejects", config.outlierDetection().isPresent())
                .field("whenNoneHealthy", config.whenNoneHealthy().name())
                .field("minimumHealthy", config.minimumHealthy().backends())
                .field("minimumHealthyPercent", config.minimumHealthy().percent())
                .field("onDown", config.onDown().name())
                .field("onRecovery", config.onRecovery().name())
                .field("discovery", config.discovery().map(Object::toString).orElse(null))
                .end();
    }
}
