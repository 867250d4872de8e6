package io.lb4j.micrometer;

import io.lb4j.LoadBalancer;
import io.lb4j.Pool;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Metric;
import io.lb4j.internal.util.Telling;
import io.lb4j.proxy.Frontend;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.FrontendStats;
import io.lb4j.stats.QueueStats;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Meters of one balancer.
 *
 * <pre>{@code
 * new LoadBalancerMetrics(lb).bindTo(registry);
 * }</pre>
 *
 * <p>All have the tag {@code balancer}, its name, which no other one in the registry may have at the same time. Those of
 * one backend have the tags {@code backend}, its id, and {@code pool}; those of one frontend have the tag {@code frontend},
 * its name. They come with the backend, the pool or the frontend, and go with it. What is counted is counted
 * since the start, by the balancer itself; a registry reads one snapshot at most every 20 ms.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><td>{@code lb4j.connections.active}<td>gauge
 * <tr><td>{@code lb4j.connections.accepted}<td>counter
 * <tr><td>{@code lb4j.connections.closed}<td>counter, tag {@code reason}: a {@link CloseReason}
 * <tr><td>{@code lb4j.bytes}<td>counter, tag {@code direction}: {@code to_backend}, {@code to_client}
 * <tr><td>{@code lb4j.accept.pauses}<td>counter
 * <tr><td>{@code lb4j.bandwidth.pauses}<td>counter: times that reading from one side was put off because of a bandwidth
 * <tr><td>{@code lb4j.queue.waiting}<td>gauge: connections that wait because every backend is full
 * <tr><td>{@code lb4j.queue.longest.wait}<td>gauge, in seconds: how long the first of them has been waiting
 * <tr><td>{@code lb4j.transport.info}<td>gauge: 1, tag {@code transport}: {@code jdk}, {@code native}
 * <tr><td>{@code lb4j.frontend.listening}<td>gauge: 1 while its ports are open, else 0
 * <tr><td>{@code lb4j.frontend.connections.active}<td>gauge
 * <tr><td>{@code lb4j.frontend.connections.accepted}<td>counter
 * <tr><td>{@code lb4j.frontend.connections.closed}<td>counter, tag {@code reason}
 * <tr><td>{@code lb4j.frontend.bytes}<td>counter, tag {@code direction}
 * <tr><td>{@code lb4j.frontend.bandwidth.pauses}<td>counter
 * <tr><td>{@code lb4j.pool.queue.waiting}<td>gauge: connections that wait because every backend of the pool is full
 * <tr><td>{@code lb4j.pool.queue.longest.wait}<td>gauge, in seconds
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
@SuppressWarnings("exports") // who uses this has micrometer.core, and who does not must not need it to compile
public final class LoadBalancerMetrics implements MeterBinder {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String BALANCER = "balancer";

    private final LoadBalancer balancer;

    /** Meters of this balancer; nothing is registered yet. */
    public LoadBalancerMetrics(LoadBalancer balancer) {
        this.balancer = Checks.notNull("balancer", balancer);
    }

    /**
     * Registers the meters, which go when the balancer has ended; those of a backend, when it is removed.
     *
     * @throws IllegalStateException when it is closed, or the registry has the meters of one of its name
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        if (balancer.isClosed()) {
            throw new IllegalStateException(balancer.name() + " is closed");
        }
        MeterSet own = new MeterSet(registry, new Figures(balancer), Tags.of(BALANCER, balancer.name()));
        BackendMeters backends = new BackendMeters(own);
        List<NamedMeters> others = List.of(frontends(own), pools(own));
        Binding binding = new Binding(registry, balancer, own, backends, others);
        Binding.add(binding);
        // First of all: when it is closed by now this throws, and nothing would take meters out again.
        try {
            balancer.addListener(backends);
            balancer.addListener(new Changes(others));
        } catch (IllegalStateException closed) {
            binding.end();
            throw closed;
        }
        registerThose(own);
        own.gauge(Metric.TRANSPORT, Tags.of("transport", balancer.transport().key()), figures -> 1);
        Figures.states(balancer).forEach(state -> backends.backendAdded(state.backend()));
        backends.removeAllBut(Figures.states(balancer));
        others.forEach(NamedMeters::update);
        var unused = balancer.whenClosed().thenRun(binding::end);
    }

    /** Is told when a frontend or a pool has come or gone. */
    private record Changes(List<NamedMeters> meters) implements LoadBalancerListener, Telling.OfBackends {
        @Override
        public void reconfigured() {
            meters.forEach(NamedMeters::update);
        }
    }

    private static void registerThose(MeterSet own) {
        own.gauge(Metric.CONNECTIONS_ACTIVE, figures -> figures.proxy().active());
        own.counter(Metric.CONNECTIONS_ACCEPTED, Tags.empty(), figures -> figures.proxy()
                .accepted());
        own.counter(
                Metric.ACCEPT_PAUSES, Tags.empty(), figures -> figures.proxy().acceptPauses());
        own.counter(Metric.BANDWIDTH_PAUSES, Tags.empty(), figures -> figures.proxy()
                .bandwidthPauses());
        own.gauge(Metric.QUEUE_WAITING, figures -> figures.queue().waiting());
        own.gauge(Metric.QUEUE_LONGEST_WAIT, figures -> seconds(figures.queue()));
        own.bytes(Metric.BYTES, figures -> figures.proxy().bytesToBackend(), figures -> figures.proxy()
                .bytesToClient());
        for (CloseReason reason : CloseReason.values()) {
            own.counter(Metric.CONNECTIONS_CLOSED, Tags.of("reason", reason.name()), figures -> figures.proxy()
                    .closed(reason));
        }
    }

    private static double seconds(QueueStats queue) {
        return queue.longestWait().toNanos() / NANOS_PER_SECOND;
    }

    private NamedMeters frontends(MeterSet common) {
        return new NamedMeters(
                common,
                "frontend",
                () -> balancer.frontends().stream().map(Frontend::name).toList(),
                this::registerFrontend);
    }

    private void registerFrontend(MeterSet own, String name) {
        boolean hasCertificate = balancer.frontends().stream()
                .anyMatch(each ->
                        each.name().equals(name) && each.certificateExpiry().isPresent());
        if (hasCertificate) {
            own.gauge(Metric.FRONTEND_CERTIFICATE_EXPIRY, figures -> figures.certificateExpiry(name));
        }
        own.gauge(Metric.FRONTEND_LISTENING, figures -> figures.isListening(name) ? 1 : 0);
        own.gauge(Metric.FRONTEND_CONNECTIONS_ACTIVE, of(name, FrontendStats::active));
        own.counter(Metric.FRONTEND_CONNECTIONS_ACCEPTED, Tags.empty(), of(name, FrontendStats::accepted));
        for (CloseReason reason : CloseReason.values()) {
            Tags tags = Tags.of("reason", reason.name());
            own.counter(Metric.FRONTEND_CONNECTIONS_CLOSED, tags, of(name, stats -> stats.closed(reason)));
        }
        own.bytes(
                Metric.FRONTEND_BYTES, of(name, FrontendStats::bytesToBackend), of(name, FrontendStats::bytesToClient));
        own.counter(Metric.FRONTEND_BANDWIDTH_PAUSES, Tags.empty(), of(name, FrontendStats::bandwidthPauses));
    }

    private static ToDoubleFunction<Figures> of(String frontend, ToDoubleFunction<FrontendStats> figure) {
        return figures -> figures.ofFrontend(frontend, figure);
    }

    private NamedMeters pools(MeterSet common) {
        return new NamedMeters(
                common,
                "pool",
                () -> balancer.pools().stream().map(Pool::name).toList(),
                LoadBalancerMetrics::registerPool);
    }

    private static void registerPool(MeterSet own, String name) {
        own.gauge(Metric.POOL_QUEUE_WAITING, figures -> figures.ofQueue(name, QueueStats::waiting));
        own.gauge(Metric.POOL_QUEUE_LONGEST_WAIT, figures -> figures.ofQueue(name, LoadBalancerMetrics::seconds));
    }
}
