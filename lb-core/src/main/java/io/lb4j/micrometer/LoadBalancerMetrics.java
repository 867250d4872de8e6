package io.lb4j.micrometer;

import io.lb4j.LoadBalancer;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.util.Checks;
import io.lb4j.stats.DurationHistogram;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters of one balancer.
 *
 * <pre>{@code
 * new LoadBalancerMetrics(lb).bindTo(registry);
 * }</pre>
 *
 * <p>All have the tag {@code balancer}, its name, which no other one in the registry may have at the same time. Those of
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
 * <tr><td>{@code lb4j.queue.waiting}<td>gauge: connections that wait because every backend is full
 * <tr><td>{@code lb4j.queue.longest.wait}<td>gauge, in seconds: how long the first of them has been waiting
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
    private static final String ACTIVE = "lb4j.connections.active";

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
        Binding binding = new Binding(registry, balancer, own, backends);
        Binding.add(binding);
        // First of all: when it is closed by now this throws, and nothing would take meters out again.
        try {
            balancer.addListener(backends);
        } catch (IllegalStateException closed) {
            binding.end();
            throw closed;
        }
        registerThose(own);
        Figures.states(balancer).forEach(state -> backends.backendAdded(state.backend()));
        backends.removeAllBut(Figures.states(balancer));
        var unused = balancer.whenClosed().thenRun(binding::end);
    }

    private static void registerThose(MeterSet own) {
        own.gauge(ACTIVE, "Connections open now", figures -> figures.proxy().active());
        own.counter(
                "lb4j.connections.accepted", "Connections that were accepted", Tags.empty(), figures -> figures.proxy()
                        .accepted());
        own.counter(
                "lb4j.accept.pauses",
                "Times that accepting paused, at a limit or for want of descriptors or memory",
                Tags.empty(),
                figures -> figures.proxy().acceptPauses());
        own.gauge(
                "lb4j.queue.waiting", "Connections that wait because every backend is full", figures -> figures.queue()
                        .waiting());
        own.gauge(
                "lb4j.queue.longest.wait",
                "Seconds for which the first of those that wait has been waiting",
                figures -> figures.queue().longestWait().toNanos() / NANOS_PER_SECOND);
        own.bytes(
                "lb4j.bytes",
                "Bytes relayed, by direction",
                figures -> figures.proxy().bytesToBackend(),
                figures -> figures.proxy().bytesToClient());
        for (CloseReason reason : CloseReason.values()) {
            own.counter(
                    "lb4j.connections.closed",
                    "Connections that have ended, by reason",
                    Tags.of("reason", reason.name()),
                    figures -> figures.proxy().closed(reason));
        }
    }
}
