package io.lb4j;

import io.lb4j.internal.health.HealthMonitor;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.internal.util.Hosts;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.stats.LoadBalancerStats;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running TCP load balancer.
 *
 * <pre>{@code
 * try (LoadBalancer lb = LoadBalancer.builder()
 *         .listen(8080)
 *         .backend("10.0.0.1", 9000)
 *         .backend("10.0.0.2", 9000)
 *         .start()) {
 *     ...
 * }
 * }</pre>
 *
 * <p>What it promises of every connection: the bytes of each direction arrive complete and in order, or the receiver is
 * told by a reset that they did not. The end of one side's stream is passed on after its last byte, and the other
 * direction goes on. When a backend cannot be connected to, another one is tried, before anything the client sent is
 * read; after that, never.
 *
 * <p>Every method can be called from any thread, listeners, selectors and health checkers included.
 */
public final class LoadBalancer implements AutoCloseable {
    private static final long CLOSE_WAIT = TimeUnit.SECONDS.toNanos(2);

    private final LoadBalancerConfig config;
    private final BackendPool pool;
    private final Backends backends;
    private final TcpProxy proxy;
    private final @Nullable HealthMonitor health;

    LoadBalancer(LoadBalancerConfig config, BackendPool pool, TcpProxy proxy, @Nullable HealthMonitor health) {
        this.config = config;
        this.pool = pool;
        this.proxy = proxy;
        this.health = health;
        backends = new Backends(pool);
    }

    /** Starts the health checks; the proxy runs already. */
    void startChecks() {
        if (health != null) {
            proxy.whenClosed().thenRun(health::close);
            health.start();
        }
    }

    /** A builder that holds the defaults. */
    public static LoadBalancerBuilder builder() {
        return new LoadBalancerBuilder();
    }

    /** The name that begins every log line of this balancer. */
    public String name() {
        return proxy.name();
    }

    /** Where it listens, with the port that was found if any free one was asked for. */
    public InetSocketAddress address() {
        return proxy.address();
    }

    /** The port it listens on, 1..65535. */
    public int port() {
        return proxy.port();
    }

    /** The settings it runs with. */
    public LoadBalancerConfig config() {
        return config;
    }

    /** Its backends and their status. */
    public Backends backends() {
        return backends;
    }

    /** Counters since the start, at this moment. After the end they keep their last values. */
    public LoadBalancerStats stats() {
        return new LoadBalancerStats(proxy.stats(), pool.stats());
    }

    /**
     * Ends politely: accepts nothing new (clients that wait to be accepted still are, as far as {@code maxConnections}
     * allows), lets connections finish, and resets those that are left when the grace is over. Health checks go on until then. Returns at once. A second call
     * can shorten the grace, not lengthen it; after the end it changes nothing.
     *
     * @param grace how long connections may go on; zero resets them now
     * @return completes when the last connection has ended and the balancer is closed. What depends on it runs on a
     *     thread of the balancer and must not block
     * @throws IllegalArgumentException when {@code grace} is negative
     */
    public CompletionStage<DrainResult> drain(Duration grace) {
        return proxy.drain(grace);
    }

    /**
     * Ends now: resets every connection and frees everything. Waits until that is done, at most 2 s, unless called by
     * a listener or selector, or on an interrupted thread. A health checker that ignores its interrupt keeps its
     * (daemon) thread until it returns. Closing twice does nothing.
     */
    @Override
    public void close() {
        long deadline = System.nanoTime() + CLOSE_WAIT;
        if (health != null) {
            health.close();
        }
        proxy.close();
        if (health != null && proxy.isClosed()) {
            try {
                health.awaitClosed(deadline - System.nanoTime());
            } catch (InterruptedException interrupted) {
                // The threads end by themselves; the caller is in a hurry.
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether it has ended: no connection and no listening socket is left. */
    public boolean isClosed() {
        return proxy.isClosed();
    }

    /** The name, where it listens, and how many backends it has. */
    @Override
    public String toString() {
        return "LoadBalancer " + name() + " on " + Hosts.join(address()) + ", "
                + config.backends().size() + " backends";
    }
}
