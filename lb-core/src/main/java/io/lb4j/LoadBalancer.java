package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.jfr.FlightRecording;
import io.lb4j.internal.pool.Announcer;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.internal.pool.PoolRules;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Control;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Promises;
import io.lb4j.internal.util.Watch;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.TcpProxyBuilder;
import io.lb4j.stats.LoadBalancerStats;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

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

    /** The settings now; changed by one thread at a time. */
    private volatile LoadBalancerConfig config;

    private final Control control;
    private final Watch watch;
    private final Announcer announcer;
    private final BackendPool pool;
    private final Backends backends;
    private final Promises promises;
    private final NameResolver names;
    private final Upkeep upkeep;
    private final Rebalancing rebalancing;
    private final LongSupplier nanoClock;
    private final long beganAt;
    private final AtomicBoolean draining = new AtomicBoolean();
    private final LameDuck lameDuck = new LameDuck();
    private volatile @Nullable TcpProxy proxy;

    /** Nothing runs yet. */
    LoadBalancer(LoadBalancerConfig config, List<LoadBalancerListener> listeners, Platform platform) {
        this.config = config;
        String name = config.proxy().name();
        control = new Control(name, platform);
        watch = platform.watch();
        nanoClock = platform.nanoClock();
        beganAt = nanoClock.getAsLong();
        announcer = new Announcer(name, listeners, control, platform.nanoClock());
        FlightRecording.listener(name).ifPresent(announcer::add);
        pool = new BackendPool(
                rulesOf(config.defaultPool()),
                announcer,
                new BackendPool.Surroundings(control, platform.nanoClock(), platform.random()));
        names = new NameResolver(name, platform, new NamedLog(LoggerFactory.getLogger(TcpProxy.class), name));
        Admission admission = new Admission(config.defaultPool().eachBackend());
        upkeep = new Upkeep(name, config.defaultPool(), pool, admission, control, platform, names, () -> proxy);
        rebalancing = new Rebalancing(() -> proxy, control, nanoClock, announcer);
        promises = new Promises(name, platform);
        backends = new Backends(pool, promises, admission, this::refuseOwnListener);
        control.audit(this::endLameDuck);
    }

    private static PoolRules rulesOf(PoolConfig config) {
        return new PoolRules(
                config.selector(),
                config.selector().prefersEarlier(),
                config.slowStart().orElse(null),
                config.outlierDetection().orElse(null),
                config.whenNoneHealthy(),
                config.minimumHealthy(),
                config.onDown(),
                config.onRecovery(),
                config.queue().orElse(null));
    }

    /** To be called once; what it has begun when it throws, {@link #close} ends. */
    void start(TcpProxyBuilder builder) {
        pool.begin(upkeep, config.defaultPool().backends(), upkeep.unchecked());
        control.start();
        watch.add(announcer.watched());
        upkeep.beforeServing();
        proxy = builder.router(pool).names(names).onEnd(this::proxyEnded).start();
        upkeep.serving();
    }

    private void refuseOwnListener(Backend backend) {
        proxy().refuseOwnListener(backend);
    }

    private TcpProxy proxy() {
        return Objects.requireNonNull(proxy);
    }

    /** On the thread of the last loop, before anybody hears of the end: by then nothing goes on by itself any more. */
    private void proxyEnded(DrainResult result) {
        try {
            upkeep.end();
            pool.administration().end();
            control.execute(() -> lastWords(result));
        } catch (Throwable exhausted) {
            endControl();
        }
    }

    /** On the control thread, which goes on until then. */
    private void lastWords(DrainResult result) {
        try {
            if (draining.get()) {
                announcer.tell(
                        listener -> listener.drainEnded(new DrainEnded(null, result.finished(), result.aborted())));
            }
            // Behind what that has just asked for.
            control.execute(this::endControl);
        } catch (Throwable exhausted) {
            endControl();
        }
    }

    private void endControl() {
        rebalancing.end();
        control.end();
        watch.remove(announcer.watched());
    }

    /** A builder that holds the defaults. */
    public static LoadBalancerBuilder builder() {
        return new LoadBalancerBuilder();
    }

    /** The name that begins every log line of this balancer. */
    public String name() {
        return config.proxy().name();
    }

    /** Where it listens, with the port that was found if any free one was asked for. */
    public InetSocketAddress address() {
        return proxy().address();
    }

    /** The port it listens on, 1..65535. */
    public int port() {
        return proxy().port();
    }

    /**
     * Whether its port is open. It is, from the start to the end, unless too few backends are UP and the balancer is to
     * {@linkplain io.lb4j.health.NoneHealthy#STOP_LISTENING stop listening} then.
     */
    public boolean isListening() {
        return proxy().isListening();
    }

    /** The settings it runs with now. Of backends it has those it was started with; {@link #backends} has the others. */
    public LoadBalancerConfig config() {
        return new LoadBalancerConfig(proxy().config(), config.pools());
    }

    /**
     * Changes settings while it runs: all that {@code change} sets, or, if it throws, nothing. They hold for new
     * connections; those that are open keep the settings they were accepted with.
     *
     * @param change is handed the present settings; what it throws is thrown
     * @throws IllegalStateException when it is closed
     */
    public void reconfigure(Consumer<Reconfiguration> change) {
        Checks.notNull("change", change);
        synchronized (control) {
            proxy().reconfigure(limits -> {
                Reconfiguration reconfiguration = new Reconfiguration(config, limits);
                change.accept(reconfiguration);
                PoolConfig before = config.defaultPool();
                PoolConfig changed = reconfiguration.changed(before);
                pool.settings(rulesOf(changed));
                if (!changed.healthCheck().equals(before.healthCheck())) {
                    changed.healthCheck().ifPresent(upkeep::policy);
                }
                config = new LoadBalancerConfig(config.proxy(), Map.of(changed.name(), changed));
                announcer.tell(LoadBalancerListener::reconfigured);
            });
        }
    }

    /** Its backends and their status. */
    public Backends backends() {
        return backends;
    }

    /** Its open connections. */
    public Connections connections() {
        return new Connections(proxy(), pool, rebalancing, promises);
    }

    /**
     * Tells one more listener of what happens from now on, after those that are told already. Of backends that are there
     * already it is not told that they were added.
     *
     * @throws IllegalStateException when it is closed
     */
    public void addListener(LoadBalancerListener listener) {
        proxy().addListener(listener);
        announcer.add(listener);
    }

    /** Tells a listener no more; nothing when it was not told. A call that is under way may still end after this. */
    public void removeListener(LoadBalancerListener listener) {
        proxy().removeListener(listener);
        announcer.remove(listener);
    }

    /** Counters since the start, at this moment. After the end they keep their last values. */
    public LoadBalancerStats stats() {
        return new LoadBalancerStats(proxy().stats(), pool.stats(), pool.queue());
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
     * @return completes when the last connection has ended and the balancer is closed. What depends on it runs on a
     *     thread that nobody waits for but {@link #close}
     * @throws IllegalArgumentException when {@code lameDuck} or {@code grace} is negative
     */
    public CompletableFuture<DrainResult> drain(Duration lameDuck, Duration grace) {
        Checks.notNegative("lameDuck", lameDuck);
        Checks.notNegative("grace", grace);
        TcpProxy running = proxy();
        // Before it begins: a balancer without connections has ended as soon as it has begun.
        if (!running.isClosed() && draining.compareAndSet(false, true)) {
            long open = running.stats().active();
            announcer.tell(listener -> listener.drainBegan(new DrainBegan(null, open, grace)));
        }
        if (lameDuck.isZero()) {
            return running.drain(grace);
        }
        announcer.info("draining in " + lameDuck.toMillis() + " ms, and accepting until then");
        this.lameDuck.announce(nanoClock.getAsLong() + lameDuck.toNanos(), grace);
        control.later(this::endLameDuck, lameDuck.toNanos());
        return running.whenClosed();
    }

    private void endLameDuck() {
        Duration grace = lameDuck.takeIfOver(nanoClock.getAsLong());
        if (grace != null) {
            beginDrain(grace);
        }
    }

    private void beginDrain(Duration grace) {
        try {
            var unused = proxy().drain(grace);
        } catch (VirtualMachineError shortage) {
            // The next audit tries again.
            lameDuck.announce(nanoClock.getAsLong(), grace);
            throw shortage;
        }
    }

    /**
     * Ends now: resets every connection and frees everything. Waits until that is done, at most 2 s, unless called by
     * a listener or selector, or on an interrupted thread. A health checker that ignores its interrupt keeps its
     * (daemon) thread until it returns, and so does a listener that does not return; whoever waits for a drain hears of
     * the end nevertheless. Closing twice does nothing.
     */
    @Override
    public void close() {
        long deadline = System.nanoTime() + CLOSE_WAIT;
        upkeep.end();
        names.close();
        pool.administration().end();
        TcpProxy running = proxy;
        if (running == null) {
            endControl();
        } else {
            running.close();
        }
        if ((running == null || running.isClosed()) && !control.isControlThread()) {
            awaitThreads(deadline);
        }
    }

    private void awaitThreads(long deadline) {
        try {
            promises.awaitKept(deadline);
            upkeep.awaitEnd(deadline);
            control.awaitEnd(deadline - System.nanoTime());
        } catch (InterruptedException interrupted) {
            // The threads end by themselves; the caller is in a hurry.
            Thread.currentThread().interrupt();
        }
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
        return Duration.ofNanos(nanoClock.getAsLong() - beganAt);
    }

    /** Where it is in its life. */
    public LoadBalancerState state() {
        if (isClosed()) {
            return LoadBalancerState.CLOSED;
        }
        return draining.get() ? LoadBalancerState.DRAINING : LoadBalancerState.RUNNING;
    }

    /** Whether it has ended: no connection and no listening socket is left. */
    public boolean isClosed() {
        return proxy().isClosed();
    }

    /** The name, where it listens, and how many backends it has. */
    @Override
    public String toString() {
        return "LoadBalancer " + name() + " on " + Hosts.join(address()) + ", " + pool.size() + " backends";
    }
}
