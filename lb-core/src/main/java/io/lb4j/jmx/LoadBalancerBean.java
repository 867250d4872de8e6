package io.lb4j.jmx;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Preload;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.TcpProxyStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;

/** The balancer's side of the MXBean. */
final class LoadBalancerBean implements LoadBalancerMXBean {
    static {
        Preload.classes(BackendSnapshot.class, FrontendSnapshot.class, PoolSnapshot.class);
    }

    private final LoadBalancer balancer;

    LoadBalancerBean(LoadBalancer balancer) {
        this.balancer = balancer;
    }

    @Override
    public String getName() {
        return balancer.name();
    }

    @Override
    public String getAddress() {
        return Hosts.join(balancer.address());
    }

    @Override
    public String getState() {
        return balancer.state().name();
    }

    private TcpProxyStats figures() {
        return balancer.stats().proxy();
    }

    @Override
    public long getActiveConnections() {
        return figures().active();
    }

    @Override
    public long getWaitingConnections() {
        return balancer.stats().queue().waiting();
    }

    @Override
    public long getAcceptedConnections() {
        return figures().accepted();
    }

    @Override
    public Map<String, Long> getClosedConnections() {
        Map<String, Long> closed = new TreeMap<>();
        figures().closed().forEach((reason, count) -> closed.put(reason.name(), count));
        return closed;
    }

    @Override
    public long getConnectFailures() {
        return figures().connectFailuresTotal();
    }

    @Override
    public long getBytesToBackend() {
        return figures().bytesToBackend();
    }

    @Override
    public long getBytesToClient() {
        return figures().bytesToClient();
    }

    @Override
    public List<FrontendView> getFrontends() {
        return balancer.frontends().stream()
                .<FrontendView>map(FrontendSnapshot::of)
                .toList();
    }

    @Override
    public List<PoolView> getPools() {
        return balancer.pools().stream().<PoolView>map(PoolSnapshot::of).toList();
    }

    @Override
    public List<BackendView> getBackends() {
        LoadBalancerStats stats = balancer.stats();
        List<BackendView> views = new ArrayList<>();
        for (BackendState state : states()) {
            // None when it was added between the two looks.
            stats.backend(state.backend().id()).ifPresent(figures -> views.add(new BackendSnapshot(state, figures)));
        }
        return views;
    }

    private List<BackendState> states() {
        return balancer.pools().stream()
                .flatMap(pool -> pool.backends().list().stream())
                .toList();
    }

    @Override
    public void drainBackend(String id, long graceSeconds) {
        known(() -> {
            var unused = balancer.poolOf(id).backends().drain(id, Duration.ofSeconds(graceSeconds));
        });
    }

    @Override
    public void enableBackend(String id) {
        known(() -> balancer.poolOf(id).backends().enable(id));
    }

    @Override
    public void disableBackend(String id) {
        known(() -> balancer.poolOf(id).backends().disable(id));
    }

    @Override
    public void weightBackend(String id, int weight) {
        known(() -> balancer.poolOf(id).backends().weight(id, weight));
    }

    @Override
    public void drain(long graceSeconds) {
        var unused = balancer.drain(Duration.ofSeconds(graceSeconds));
    }

    private static void known(Runnable operation) {
        try {
            operation.run();
        } catch (NoSuchElementException unknown) {
            throw new IllegalArgumentException(unknown.getMessage(), unknown);
        }
    }
}
