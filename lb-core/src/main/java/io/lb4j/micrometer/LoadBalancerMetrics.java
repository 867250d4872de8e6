package io.lb4j.micrometer;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.LoadBalancerStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Meters of one balancer.
 *
 * <pre>{@code
 * new LoadBalancerMetrics(lb).bindTo(registry);
 * }</pre>
 *
 * <p>All have the tag {@code name}, the balancer's, which no other one in the registry may have at the same time. Those of
 * one backend have the tag {@code backend}, its id; they come with the backend and go with it. What is counted is counted
 * since the start, by the balancer itself; a registry reads one snapshot at most every 20 ms.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><td>{@code lb4j.connections.active}<td>gauge
 * <tr><td>{@code lb4j.connections.accepted}<td>counter
 * <tr><td>{@code lb4j.connections.closed}<td>counter, tag {@code reason}: a {@link CloseReason}
 * <tr><td>{@code lb4j.bytes}<td>counter, tag {@code direction}: {@code to_backend}, {@code to_client}
 * <tr><td>{@code lb4j.accept.pauses}<td>counter
 * <tr><td>{@code lb4j.backend.up}<td>gauge: 1 when it is UP, else 0
 * <tr><td>{@code lb4j.backend.connections.active}<td>gauge
 * <tr><td>{@code lb4j.backend.connect.attempts}<td>counter
 * <tr><td>{@code lb4j.backend.connect.failures}<td>counter, tag {@code kind}: a {@link ConnectFailure}
 * <tr><td>{@code lb4j.backend.connect}<td>timer of successful attempts, with the bounds of {@link DurationHistogram}
 * <tr><td>{@code lb4j.backend.connections.closed}<td>counter, tag {@code reason}
 * <tr><td>{@code lb4j.backend.bytes}<td>counter, tag {@code direction}; of connections that have ended
 * <tr><td>{@code lb4j.backend.checks}<td>counter, tag {@code result}: {@code passed}, {@code failed}
 * <tr><td>{@code lb4j.backend.ejections}<td>counter
 * </table>
 */
public final class LoadBalancerMetrics implements MeterBinder {
    private static final long SNAPSHOT_NANOS = Duration.ofMillis(20).toNanos();

    private final LoadBalancer balancer;
    private volatile @Nullable Snapshot snapshot;

    /** What meters read: of one moment, so that a scrape of a thousand meters costs one look at the balancer. */
    private record Snapshot(LoadBalancerStats stats, Map<String, BackendStatus> statuses, long takenAt) {
        static Snapshot of(LoadBalancer balancer) {
            Map<String, BackendStatus> statuses = new ConcurrentHashMap<>();
            for (BackendState state : balancer.backends().list()) {
                statuses.put(state.backend().id(), state.status());
            }
            return new Snapshot(balancer.stats(), statuses, System.nanoTime());
        }
    }

    /** Meters of this balancer; nothing is registered yet. */
    public LoadBalancerMetrics(LoadBalancer balancer) {
        this.balancer = Checks.notNull("balancer", balancer);
    }

    /** Registers the meters, which go when the balancer has ended; those of a backend, when it is removed. */
    @Override
    public void bindTo(MeterRegistry registry) {
        Tags tags = Tags.of("name", balancer.name());
        List<Meter> own = new ArrayList<>();
        own.add(Gauge.builder("lb4j.connections.active", this, metrics -> metrics.stats()
                        .proxy()
                        .active())
                .tags(tags)
                .strongReference(true)
                .register(registry));
        own.add(counter(registry, "lb4j.connections.accepted", tags, stats -> stats.proxy()
                .accepted()));
        own.add(counter(
                registry, "lb4j.accept.pauses", tags, stats -> stats.proxy().acceptPauses()));
        own.addAll(bytes(registry, "lb4j.bytes", tags, stats -> stats.proxy().bytesToBackend(), stats -> stats.proxy()
                .bytesToClient()));
        for (CloseReason reason : CloseReason.values()) {
            Tags reasoned = tags.and("reason", reason.name());
            own.add(counter(registry, "lb4j.connections.closed", reasoned, stats -> stats.proxy()
                    .closed(reason)));
        }
        BackendMeters meters = new BackendMeters(registry, tags);
        balancer.addListener(meters);
        balancer.backends().list().forEach(state -> meters.backendAdded(state.backend()));
        meters.removeAllBut(balancer.backends().list());
        var unused = balancer.whenClosed().thenRun(() -> {
            own.forEach(registry::remove);
            meters.removeAllBut(List.of());
        });
    }

    private LoadBalancerStats stats() {
        return snapshot().stats();
    }

    private Snapshot snapshot() {
        Snapshot last = snapshot;
        if (last == null || System.nanoTime() - last.takenAt() > SNAPSHOT_NANOS) {
            last = Snapshot.of(balancer);
            snapshot = last;
        }
        return last;
    }

    private Meter counter(MeterRegistry registry, String name, Tags tags, ToDoubleFunction<LoadBalancerStats> count) {
        return FunctionCounter.builder(name, this, metrics -> count.applyAsDouble(metrics.stats()))
                .tags(tags)
                .register(registry);
    }

    private List<Meter> bytes(
            MeterRegistry registry,
            String name,
            Tags tags,
            ToDoubleFunction<LoadBalancerStats> toBackend,
            ToDoubleFunction<LoadBalancerStats> toClient) {
        List<Meter> meters = new ArrayList<>();
        Map.of("to_backend", toBackend, "to_client", toClient)
                .forEach((direction, count) ->
                        meters.add(FunctionCounter.builder(name, this, metrics -> count.applyAsDouble(metrics.stats()))
                                .tags(tags.and("direction", direction))
                                .baseUnit(BaseUnits.BYTES)
                                .register(registry)));
        return meters;
    }

    /** The meters of the backends. Adding comes from the control thread, and once from whoever binds. */
    private final class BackendMeters implements LoadBalancerListener {
        private record Of(List<Meter> all, Timer connect) {}

        private final MeterRegistry registry;
        private final Tags tags;
        private final Map<String, Of> meters = new ConcurrentHashMap<>();

        BackendMeters(MeterRegistry registry, Tags tags) {
            this.registry = registry;
            this.tags = tags;
        }

        @Override
        public void backendAdded(Backend backend) {
            meters.computeIfAbsent(backend.id(), this::register);
        }

        @Override
        public void backendRemoved(Backend backend) {
            remove(backend.id());
        }

        /** For a backend that was removed while it was added here: nobody tells of that again. */
        void removeAllBut(List<BackendState> present) {
            Set<String> ids =
                    present.stream().map(state -> state.backend().id()).collect(Collectors.toSet());
            meters.keySet().stream().filter(id -> !ids.contains(id)).toList().forEach(this::remove);
        }

        private void remove(String id) {
            Of gone = meters.remove(id);
            if (gone != null) {
                gone.all().forEach(registry::remove);
            }
        }

        @Override
        public void connectionOpened(ConnectionOpened event) {
            Of known = meters.get(event.backend().id());
            if (known != null) {
                known.connect().record(event.connectTime());
            }
        }

        private Of register(String id) {
            Tags own = tags.and("backend", id);
            List<Meter> all = new ArrayList<>();
            all.add(gauge("lb4j.backend.up", own, metrics -> isUp(id)));
            all.add(gauge("lb4j.backend.connections.active", own, metrics -> of(id, BackendStats::active)));
            all.add(counted("lb4j.backend.connect.attempts", own, id, BackendStats::attempts));
            all.add(counted("lb4j.backend.ejections", own, id, BackendStats::ejections));
            for (ConnectFailure kind : ConnectFailure.values()) {
                Tags failed = own.and("kind", kind.name());
                all.add(counted("lb4j.backend.connect.failures", failed, id, stats -> stats.connectFailures(kind)));
            }
            for (CloseReason reason : CloseReason.values()) {
                if (reason.isRefusal()) {
                    continue; // of whom no backend knows
                }
                Tags closed = own.and("reason", reason.name());
                all.add(counted("lb4j.backend.connections.closed", closed, id, stats -> stats.closed(reason)));
            }
            Tags passed = own.and("result", "passed");
            all.add(counted("lb4j.backend.checks", passed, id, BackendStats::checksPassed));
            Tags failed = own.and("result", "failed");
            all.add(counted("lb4j.backend.checks", failed, id, BackendStats::checksFailed));
            all.addAll(bytes(
                    registry,
                    "lb4j.backend.bytes",
                    own,
                    stats -> of(stats, id, BackendStats::bytesToBackend),
                    stats -> of(stats, id, BackendStats::bytesToClient)));
            Timer connect = connectTimer(own);
            all.add(connect);
            return new Of(all, connect);
        }

        private Timer connectTimer(Tags own) {
            return Timer.builder("lb4j.backend.connect")
                    .tags(own)
                    .description("How long successful attempts to connect took")
                    .serviceLevelObjectives(DurationHistogram.bounds().toArray(Duration[]::new))
                    .register(registry);
        }

        private Meter gauge(String name, Tags own, ToDoubleFunction<LoadBalancerMetrics> value) {
            return Gauge.builder(name, LoadBalancerMetrics.this, value)
                    .tags(own)
                    .strongReference(true)
                    .register(registry);
        }

        private Meter counted(String name, Tags own, String id, ToDoubleFunction<BackendStats> count) {
            return counter(registry, name, own, stats -> of(stats, id, count));
        }

        private double isUp(String id) {
            return snapshot().statuses().get(id) == BackendStatus.UP ? 1 : 0;
        }

        private double of(String id, ToDoubleFunction<BackendStats> figure) {
            return of(stats(), id, figure);
        }

        private double of(LoadBalancerStats stats, String id, ToDoubleFunction<BackendStats> figure) {
            BackendStats own = stats.backends().get(id);
            return own == null ? 0 : figure.applyAsDouble(own);
        }
    }
}
