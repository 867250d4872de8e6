package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.PortRange;
import io.lb4j.proxy.RunningProxy;
import io.lb4j.proxy.Transport;
import io.lb4j.stats.LoadBalancerStats;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

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
 * direction goes on. When a backend cannot be connected to, another one is tried, before a byte has been
 * sent to a backend; after that, never.
 *
 * <p>Every method can be called from any thread, listeners, selectors and health checkers included.
 */
public final class LoadBalancer implements RunningProxy {
    private final Lifecycle life;
    private final Shared shared;
    private final Pools pools;

    LoadBalancer(Lifecycle life) {
        this.life = life;
        shared = life.shared;
        pools = life.pools;
    }

    /** A builder that holds the defaults. */
    public static LoadBalancerBuilder builder() {
        return new LoadBalancerBuilder();
    }

    @Override
    public String name() {
        return shared.name;
    }

    @Override
    public List<Frontend> frontends() {
        return life.proxy().frontends();
    }

    /**
     * Listens on one more port while it runs, or on several. When this returns, clients can connect.
     *
     * @param host an address of this machine, or a name that stands for one or several of them
     * @param ports {@link PortRange#of(int)} for a single one
     * @param frontend is handed the frontend's settings, once, in this call; what it throws is thrown
     * @throws IllegalArgumentException when the host is empty or not a host, or another frontend listens there or has this
     *     name
     * @throws IllegalStateException when it leads to a pool that is not there, or the balancer drains or is closed
     * @throws UncheckedIOException when it cannot listen there; nothing has changed
     */
    public Frontend listen(String host, PortRange ports, Consumer<FrontendBuilder> frontend) {
        return pools.listen(Checks.filled("frontend", frontend, new FrontendBuilder(host, ports)));
    }

    @Override
    public boolean isListening() {
        return life.proxy().isListening();
    }

    @Override
    public Transport transport() {
        return life.proxy().transport();
    }

    /** The settings it runs with now. Of backends it has those it was started with; {@link #backends} has the others. */
    public LoadBalancerConfig config() {
        return new LoadBalancerConfig(life.proxy().config(), pools.now().configs());
    }

    /**
     * Changes settings while it runs, those of the default pool among them: all that {@code change} sets, or, if it
     * throws, nothing. They hold for new connections; those that are open keep the settings they were accepted with.
     *
     * @param change is handed the present settings; what it throws is thrown
     * @throws IllegalStateException when it is closed
     */
    public void reconfigure(Consumer<Reconfiguration> change) {
        pools.reconfigure(life.proxy(), Checks.notNull("change", change));
    }

    /**
     * The backends of its default pool, and their status.
     *
     * @throws NoSuchElementException when it has none but pools with names
     */
    public Backends backends() {
        return pools.now().get(Backend.DEFAULT_POOL).backends();
    }

    /** Its pools, the default one first, then in the order in which they were added; unmodifiable. */
    public List<Pool> pools() {
        return pools.now().list();
    }

    /**
     * The pool of this name; the default one is {@value Backend#DEFAULT_POOL}.
     *
     * @throws NoSuchElementException when there is none
     */
    public Pool pool(String name) {
        return pools.now().get(Checks.notNull("pool", name));
    }

    /**
     * The pool that has the backend of this id.
     *
     * @throws NoSuchElementException when none has
     */
    public Pool poolOf(String backend) {
        return pools.now().of(Checks.notNull("backend", backend));
    }

    /**
     * Adds a pool while it runs. Returns at once: its backends are checked from now on, and are UP until that has found
     * otherwise, unless they are {@linkplain io.lb4j.health.HealthCheckPolicy.Builder#initiallyDown initially DOWN}; its
     * discovery is asked from now on.
     *
     * @param name tells it from other pools
     * @param setup is handed a builder that holds the defaults; what it throws is thrown, and then nothing has changed
     * @throws IllegalArgumentException when the name is none, or that of another pool; when {@code eachBackend} refuses a
     *     backend; or when another pool has a backend of the same id
     * @throws IllegalStateException when it has neither a backend nor a discovery, when one of its backends is the
     *     balancer's own listener, or the balancer is closed
     */
    public Pool pool(String name, Consumer<PoolBuilder> setup) {
        return pools.add(PoolBuilder.config(name, setup));
    }

    /** Its open connections. */
    public Connections connections() {
        return new Connections(life.proxy(), pools, life.rebalancing, shared.promises);
    }

    /**
     * Tells one more listener of what happens from now on, after those that are told already. Of backends that are there
     * already it is not told that they were added.
     *
     * @throws IllegalStateException when it is closed
     */
    public void addListener(LoadBalancerListener listener) {
        life.proxy().addListener(listener);
        shared.announcer.add(listener);
    }

    /** Tells a listener no more; nothing when it was not told. A call that is under way may still end after this. */
    public void removeListener(LoadBalancerListener listener) {
        life.proxy().removeListener(listener);
        shared.announcer.remove(listener);
    }

    /** Counters since the start, at this moment. After the end they keep their last values. */
    public LoadBalancerStats stats() {
        return new LoadBalancerStats(
                life.proxy().stats(), life.proxy().frontendStats(), pools.now().stats());
    }

    /** {@inheritDoc} Health checks go on until then. */
    @Override
    public CompletableFuture<DrainResult> drain(Duration grace) {
        return drain(Duration.ZERO, grace);
    }

    /**
     * Ends politely, and announces it before: {@link #state} is DRAINING and the admin server's {@code /health} says 503
     * from now on, but accepting goes on for the lame-duck time, so that whoever looks at {@code /health} sends nobody
     * here any more before the port closes. Then as {@link #drain(Duration)}. Returns at once, unless the lame-duck time
     * is zero.
     *
     * @param lameDuck how long accepting goes on: longer than the interval at which those in front look; may be zero
     * @param grace how long connections may go on after that; zero resets them then
     * @throws IllegalArgumentException when {@code lameDuck} or {@code grace} is negative
     */
    public CompletableFuture<DrainResult> drain(Duration lameDuck, Duration grace) {
        return life.drain(Checks.notNegative("lameDuck", lameDuck), Checks.notNegative("grace", grace));
    }

    /**
     * {@inheritDoc} A health checker that ignores its interrupt keeps its (daemon) thread until it returns, and so does a
     * listener that does not return; whoever waits for a drain hears of the end nevertheless.
     */
    @Override
    public void close() {
        life.close();
    }

    /**
     * Completes when it has ended, by {@link #drain} or {@link #close}. What depends on it runs on a thread that nobody
     * waits for but {@link #close}.
     */
    public CompletableFuture<Void> whenClosed() {
        return life.proxy().whenClosed().thenRun(() -> {});
    }

    @Override
    public boolean awaitIdle(Duration atMost) throws InterruptedException {
        return life.proxy().awaitIdle(atMost);
    }

    @Override
    public boolean awaitClosed(Duration atMost) throws InterruptedException {
        return life.proxy().awaitClosed(atMost);
    }

    /** How long ago it was started: the time that {@link #stats} is about, as long as it has not ended. */
    public Duration uptime() {
        return life.uptime();
    }

    /** Where it is in its life. */
    public LoadBalancerState state() {
        return life.state();
    }

    @Override
    public boolean isClosed() {
        return life.proxy().isClosed();
    }

    @Override
    public String toString() {
        return "LoadBalancer " + name() + " on " + Hosts.join(address()) + ", "
                + pools.now().size() + " backends";
    }
}
