package io.lb4j.micrometer;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Metric;
import io.lb4j.stats.BackendStats;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The meters of the backends. Adding comes from the control thread, and once from whoever binds. */
final class BackendMeters implements LoadBalancerListener {
    private record Of(MeterSet all, Timer connect) {}

    private final MeterSet common;
    private final Map<String, Of> meters = new ConcurrentHashMap<>();

    BackendMeters(MeterSet common) {
        this.common = common;
    }

    @Override
    public void backendAdded(Backend backend) {
        meters.computeIfAbsent(backend.id(), id -> register(backend));
    }

    @Override
    public void backendRemoved(Backend backend) {
        remove(backend.id());
    }

    /** For a backend that was removed while it was added here: nobody tells of that again. */
    void removeAllBut(List<BackendState> present) {
        Set<String> ids = present.stream().map(state -> state.backend().id()).collect(Collectors.toSet());
        meters.keySet().stream().filter(id -> !ids.contains(id)).toList().forEach(this::remove);
    }

    private void remove(String id) {
        Of gone = meters.remove(id);
        if (gone != null) {
            gone.all().remove();
        }
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        Of known = meters.get(event.backend().id());
        if (known != null) {
            known.connect().record(event.connectTime());
        }
    }

    private Of register(Backend backend) {
        String id = backend.id();
        MeterSet own = common.with("pool", backend.pool()).with("backend", id);
        own.gauge(Metric.BACKEND_UP, figures -> figures.isUp(id) ? 1 : 0);
        own.gauge(Metric.BACKEND_CONNECTIONS_ACTIVE, of(id, BackendStats::active));
        own.counter(Metric.BACKEND_CONNECT_ATTEMPTS, Tags.empty(), of(id, BackendStats::attempts));
        own.counter(Metric.BACKEND_EJECTIONS, Tags.empty(), of(id, BackendStats::ejections));
        for (ConnectFailure kind : ConnectFailure.values()) {
            Tags tags = Tags.of("kind", kind.name());
            own.counter(Metric.BACKEND_CONNECT_FAILURES, tags, of(id, stats -> stats.connectFailures(kind)));
        }
        for (CloseReason reason : CloseReason.values()) {
            if (!reason.isRefusal()) { // of which no backend knows
                Tags tags = Tags.of("reason", reason.name());
                own.counter(Metric.BACKEND_CONNECTIONS_CLOSED, tags, of(id, stats -> stats.closed(reason)));
            }
        }
        own.counter(Metric.BACKEND_CHECKS, Tags.of("result", "passed"), of(id, BackendStats::checksPassed));
        own.counter(Metric.BACKEND_CHECKS, Tags.of("result", "failed"), of(id, BackendStats::checksFailed));
        own.bytes(Metric.BACKEND_BYTES, of(id, BackendStats::bytesToBackend), of(id, BackendStats::bytesToClient));
        return new Of(own, own.timer(Metric.BACKEND_CONNECT));
    }

    private static ToDoubleFunction<Figures> of(String id, ToDoubleFunction<BackendStats> figure) {
        return figures -> figures.of(id, figure);
    }
}
