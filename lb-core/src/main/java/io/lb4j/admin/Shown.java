package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerState;
import io.lb4j.Pool;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.NoneHealthy;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.stats.LoadBalancerStats;
import java.util.List;
import org.slf4j.LoggerFactory;

/** One balancer as an admin server shows it: what it is now, and what is remembered of it. */
final class Shown {
    final LoadBalancer balancer;
    final EventLog events;
    final RateLimitedLog log;

    /** Confined to the admin thread. */
    final OpenConnections connections;

    /** Confined to the admin thread. */
    final History history;

    /** It listens from now on. */
    Shown(LoadBalancer balancer, AdminClock clock) {
        this.balancer = balancer;
        events = new EventLog(clock);
        log = new RateLimitedLog(
                new NamedLog(LoggerFactory.getLogger(AdminServer.class), balancer.name()), clock.nanos());
        connections = new OpenConnections(clock, balancer.connections()::list);
        history = new History(clock, balancer);
        balancer.addListener(events);
        events.begin(balancer);
    }

    String name() {
        return balancer.name();
    }

    /** On the admin thread. */
    void sample() {
        LoadBalancerStats stats = balancer.stats();
        long pauses = history.acceptPauses(stats);
        if (pauses > 0) {
            events.acceptPaused(pauses);
        }
        history.sample(stats, states());
    }

    /** Whether it serves, at one moment: {@code isEnough} of its backends are UP. */
    record Condition(String name, LoadBalancerState state, long up, boolean isEnough) {
        boolean isHealthy() {
            return state == LoadBalancerState.RUNNING && up > 0 && isEnough;
        }
    }

    Condition condition() {
        long up = states().stream()
                .filter(state -> state.status() == BackendStatus.UP)
                .count();
        return new Condition(name(), balancer.state(), up, isEnough());
    }

    /** Whether new connections are let in, for all that is known of backends. */
    private boolean isEnough() {
        return balancer.pools().stream().allMatch(this::isEnough);
    }

    private boolean isEnough(Pool pool) {
        // In this order: a pool that closes is none of the balancer's first, and then it is empty.
        return pool.config().whenNoneHealthy() == NoneHealthy.TRY_ALL
                || (balancer.isListening() && pool.backends().areEnough())
                || !balancer.pools().contains(pool);
    }

    /** Of the backends of all pools. */
    List<BackendState> states() {
        return states(balancer);
    }

    static List<BackendState> states(LoadBalancer balancer) {
        return balancer.pools().stream()
                .flatMap(pool -> pool.backends().list().stream())
                .toList();
    }

    /** It listens no more. */
    void close() {
        balancer.removeListener(events);
    }
}
