package io.lb4j.micrometer;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.proxy.Frontend;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.FrontendStats;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.PoolStats;
import io.lb4j.stats.QueueStats;
import io.lb4j.stats.TcpProxyStats;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What meters read: of one moment, so that a scrape of a thousand meters costs a few looks at the balancer. */
final class Figures {
    private static final long LONGEST_NANOS = Duration.ofMillis(20).toNanos();

    private final LoadBalancer balancer;
    private volatile @Nullable Snapshot snapshot;

    private record Snapshot(
            LoadBalancerStats stats,
            Map<String, BackendStatus> statuses,
            Set<String> listening,
            Map<String, Duration> expiries,
            long takenAt) {}

    Figures(LoadBalancer balancer) {
        this.balancer = balancer;
    }

    TcpProxyStats proxy() {
        return snapshot().stats().proxy();
    }

    QueueStats queue() {
        return snapshot().stats().queue();
    }

    boolean isUp(String backend) {
        return snapshot().statuses().get(backend) == BackendStatus.UP;
    }

    double of(String backend, ToDoubleFunction<BackendStats> figure) {
        return snapshot().stats().backend(backend).map(figure::applyAsDouble).orElse(0.0);
    }

    boolean isListening(String frontend) {
        return snapshot().listening().contains(frontend);
    }

    /** In seconds; 0 where there is no certificate. */
    double certificateExpiry(String frontend) {
        Duration left = snapshot().expiries().get(frontend);
        return left == null ? 0 : left.toSeconds();
    }

    double ofFrontend(String name, ToDoubleFunction<FrontendStats> figure) {
        FrontendStats stats = snapshot().stats().frontends().get(name);
        return stats == null ? 0 : figure.applyAsDouble(stats);
    }

    double ofQueue(String pool, ToDoubleFunction<QueueStats> figure) {
        PoolStats stats = snapshot().stats().pools().get(pool);
        return stats == null ? 0 : figure.applyAsDouble(stats.queue());
    }

    /** Of the backends of all pools. */
    static List<BackendState> states(LoadBalancer balancer) {
        return balancer.pools().stream()
                .flatMap(pool -> pool.backends().list().stream())
                .toList();
    }

    private Snapshot snapshot() {
        Snapshot last = snapshot;
        if (last == null || System.nanoTime() - last.takenAt() > LONGEST_NANOS) {
            Map<String, BackendStatus> statuses = new HashMap<>();
            states(balancer).forEach(state -> statuses.put(state.backend().id(), state.status()));
            Map<String, Duration> expiries = new HashMap<>();
            balancer.frontends()
                    .forEach(each -> each.certificateExpiry().ifPresent(left -> expiries.put(each.name(), left)));
            Set<String> listening = balancer.frontends().stream()
                    .filter(Frontend::isListening)
                    .map(Frontend::name)
                    .collect(Collectors.toSet());
            last = new Snapshot(balancer.stats(), statuses, listening, expiries, System.nanoTime());
            snapshot = last;
        }
        return last;
    }
}
