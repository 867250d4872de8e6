package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.PortRange;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.Transport;
import io.lb4j.stats.LoadBalancerStats;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
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
public final class LoadBalancer implements AutoCloseable {
    private final Lifecycle life;
    private final Shared shared;
    private final Pools pools;

    LoadBalancer(Lifecycle life) {
        this.life = life;
        shared = life.shared;
        pools = life.pools;
    }

    private TcpProxy proxy() {
        return life.proxy();
    }

    /** A builder that holds the defaults. */
    public static LoadBalancerBuilder builder() {
        return new LoadBalancerBuilder();
    }

    /** The name that begins every log line of this balancer. */
    public String name() {
        return shared.name;
    }

    /**
     * Where its first frontend listens, with the port that was found if any free one was asked for. When that one has been
     * drained, the next one is the first.
     */
    public InetSocketAddress address() {
        return proxy().address();
    }

    /** The port its first frontend listens on, 1..65535. */
    public int port() {
        return proxy().port();
    }

    /** Where it listens: its frontends in the order in which they were added, unmodifiable; never empty. */
    public List<Frontend> frontends() {
        return proxy().frontends();
    }

    /**
     * One of its frontends: where it listens, its counters, and its end while the balancer goes on.
     *
     * @throws NoSuchElementException when there is none of this name
     */
    public Frontend frontend(String name) {
        return proxy().frontend(name);
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

    /**
     * Whether the ports of all its frontends are open. They are, from the start to the end, unless too few backends of a
     * pool are UP and it is to {@linkplain io.lb4j.health.NoneHealthy#STOP_LISTENING stop listening} then.
     */
    public boolean isListening() {
        return proxy().isListening();
    }

    /** By which sockets it relays: {@link Transport#JDK} or {@link Transport#NATIVE}. */
    public Transport transport() {
        return proxy().transport();
    }

    /** The settings it runs with now. Of backends it has those it was started with; {@link #backends} has the others. */
    public LoadBalancerConfig config() {
        return new LoadBalancerConfig(proxy().config(), pools.now().configs());
    }

    /**
     * Changes settings while it runs, those of the default pool among them: all that {@code change} sets, or, if it
     * throws, nothing. They hold for new connections; those that are open keep the settings they were accepted with.
     *
     * @param change is handed the present settings; what it throws is thrown
     * @throws IllegalStateException when it is closed
     */
    public void reconfigure(Consumer<Reconfiguration> change) {
        pools.reconfigure(proxy(), Checks.notNull("change", change));
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
     * @return the pool
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
        return new Connections(proxy(), pools, life.rebalancing, shared.promises);
    }

    /**
     * Tells one more listener of what happens from now on, after those that are told already. Of backends that are there
     * already it is not told that they were added.
     *
     * @throws IllegalStateException when it is closed
     */
    public void addListener(LoadBalancerListener listener) {
        proxy().addListener(listener);
        shared.announcer.add(listener);
    }

    /** Tells a listener no more; nothing when it was not told. A call that is under way may still end after this. */
    public void removeListener(LoadBalancerListener listener) {
        proxy().removeListener(listener);
        shared.announcer.remove(listener);
    }

    /** Counters since the start, at this moment. After the end they keep their last values. */
    public LoadBalancerStats stats() {
        return new LoadBalancerStats(
                proxy().stats(), proxy().frontendStats(), pools.now().stats());
    }

    /**
     * Ends politely: accepts nothing new (clients that wait to be accepted still are, as far as the limit of
     * connections allows), lets connections finish, and resets those that are left one after another over the last third of the
     * grace, so that their clients do not all reconnect at once. Health checks go on until then. Returns when the port is
     * free for others to listen on, which takes a few milliseconds and at most a second; at once when called by a
     * selector or a listener of connections. A second call can shorten the grace, not lengthen it; after the end it changes
     * nothing.
     *
     * @param grace how long connections may go on; zero resets them now
     * @return completes when the last connection has ended and the balancer is closed. What depends on it runs on a
     *     thread that nobody waits for but {@link #close}
     * @throws IllegalArgumentException when {@code grace} is negative
     */
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
     * @return as of {@link #drain(Duration)}
     * @throws IllegalArgumentException when {@code lameDuck} or {@code grace} is negative
     */
    public CompletableFuture<DrainResult> drain(Duration lameDuck, Duration grace) {
        Checks.notNegative("lameDuck", lameDuck);
        return life.drain(lameDuck, Checks.notNegative("grace", grace));
    }

    /**
     * Ends now: resets every connection and frees everything. Waits until that is done, at most 2 s, unless called by
     * a listener or selector, or on an interrupted thread. A health checker that ignores its interrupt keeps its
     * (daemon) thread until it returns, and so does a listener that does not return; whoever waits for a drain hears of
     * the end nevertheless. Closing twice does nothing.
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
        return proxy().whenClosed().thenRun(() -> {});
    }

    /**
     * Waits until no connection is open, for tests and for whoever wants to end without a reset: another one may come at
     * any time. Listeners may hear of the last end a moment later. Not for listeners and selectors: they would wait for
     * themselves.
     *
     * @param atMost how long to wait
     * @return whether there was a moment without a connection by then
     * @throws IllegalArgumentException when {@code atMost} is negative
     * @throws InterruptedException when the calling thread is interrupted
     */
    public boolean awaitIdle(Duration atMost) throws InterruptedException {
        return proxy().awaitIdle(atMost);
    }

    /**
     * Waits until it has ended, by {@link #close} or {@link #drain}.
     *
     * @param atMost how long to wait
     * @return whether it has ended by then
     * @throws IllegalArgumentException when {@code atMost} is negative
     * @throws InterruptedException when the calling thread is interrupted
     */
    public boolean awaitClosed(Duration atMost) throws InterruptedException {
        return proxy().awaitClosed(atMost);
    }

    /** How long ago it was started: the time that {@link #stats} is about, as long as it has not ended. */
    public Duration uptime() {
        return life.uptime();
    }

    /** Where it is in its life. */
    public LoadBalancerState state() {
        return life.state();
    }

    /** Whether it has ended: no connection and no listening socket is left. */
    public boolean isClosed() {
        return proxy().isClosed();
    }

    /** The name, where it listens, and how many backends it has. */
    @Override
    public String toString() {
        return "LoadBalancer " + name() + " on " + Hosts.join(address()) + ", "
                + pools.now().size() + " backends";
    }
}
