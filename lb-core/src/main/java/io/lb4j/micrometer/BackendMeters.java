package io.lb4j.micrometer;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.LoadBalancerListener;
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
        meters.computeIfAbsent(backend.id(), this::register);
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

    private Of register(String id) {
        MeterSet own = common.with("backend", id);
        own.gauge("lb4j.backend.up", "1 when the backend is UP, else 0", figures -> figures.isUp(id) ? 1 : 0);
        own.gauge("lb4j.backend.connections.active", "Connections it has now", of(id, BackendStats::active));
        own.counter(
                "lb4j.backend.connect.attempts",
                "Attempts to connect to it",
                Tags.empty(),
                of(id, BackendStats::attempts));
        own.counter(
                "lb4j.backend.ejections",
                "Times it was ejected for failing connections",
                Tags.empty(),
                of(id, BackendStats::ejections));
        for (ConnectFailure kind : ConnectFailure.values()) {
            Tags tags = Tags.of("kind", kind.name());
            own.counter(
                    "lb4j.backend.connect.failures",
                    "Attempts to connect that failed, by kind",
                    tags,
                    of(id, stats -> stats.connectFailures(kind)));
        }
        for (CloseReason reason : CloseReason.values()) {
            if (!reason.isRefusal()) { // of which no backend knows
                Tags tags = Tags.of("reason", reason.name());
                own.counter(
                        "lb4j.backend.connections.closed",
                        "Its connections that have ended, by reason",
                        tags,
                        of(id, stats -> stats.closed(reason)));
            }
        }
        String checks = "Health checks of it, by result";
        own.counter("lb4j.backend.checks", checks, Tags.of("result", "passed"), of(id, BackendStats::checksPassed));
        own.counter("lb4j.backend.checks", checks, Tags.of("result", "failed"), of(id, BackendStats::checksFailed));
        own.bytes(
                "lb4j.backend.bytes",
                "Bytes of its connections that have ended, by direction",
                of(id, BackendStats::bytesToBackend),
                of(id, BackendStats::bytesToClient));
        return new Of(own, own.timer("lb4j.backend.connect", "How long successful attempts to connect took"));
    }

    private static ToDoubleFunction<Figures> of(String id, ToDoubleFunction<BackendStats> figure) {
        return figures -> figures.of(id, figure);
    }
}
