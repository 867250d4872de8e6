package io.lb4j;

import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Watch;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.TcpProxyBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a balancer begins and ends: what it is made of, in which order that starts, who ends it, and who hears of it. Any
 * thread, but for what says otherwise.
 */
final class Lifecycle {
    /*
     * begun: pools -> control thread -> first answers and checks -> proxy -> pools serve
     * ended: pools -> proxy -> [last loop] last words -> [control thread] rebalancing, control thread, watch
     *
     * The proxy ends by itself, too, when a drain is over; then it is the last loop that ends the pools.
     */
    private static final long CLOSE_WAIT = TimeUnit.SECONDS.toNanos(2);

    final Shared shared;
    final Pools pools;
    final Rebalancing rebalancing;
    private final Watch watch;
    private final LongSupplier nanoClock;
    private final long beganAt;
    private final AtomicBoolean draining = new AtomicBoolean();
    private final LameDuck lameDuck = new LameDuck();
    private volatile @Nullable TcpProxy proxy;

    /** Nothing runs yet. */
    Lifecycle(LoadBalancerConfig config, List<LoadBalancerListener> listeners, Platform platform) {
        watch = platform.watch();
        nanoClock = platform.nanoClock();
        beganAt = nanoClock.getAsLong();
        shared = new Shared(config.proxy().name(), listeners, platform, () -> proxy);
        pools = new Pools(shared, config.pools().values());
        rebalancing = new Rebalancing(() -> proxy, shared.control, nanoClock, shared.announcer);
        shared.control.audit(this::endLameDuck);
    }

    /** To be called once; what it has begun when it throws, {@link #close} ends. */
    void start(TcpProxyBuilder builder, Map<String, Destination> destinations) {
        pools.begin();
        shared.control.start();
        watch.add(shared.announcer.watched());
        pools.beforeServing();
        destinations.forEach((frontend, destination) -> {
            shared.frontends.leads(frontend, destination);
            builder.router(frontend, destination.router(pools), destination.toString());
        });
        proxy = builder.names(shared.names)
                .onFrontendChange(() -> shared.announcer.tell(LoadBalancerListener::reconfigured))
                .onEnd(this::proxyEnded)
                .start();
        pools.serving();
    }

    /** What serves, once that has started. */
    TcpProxy proxy() {
        return Objects.requireNonNull(proxy);
    }

    Duration uptime() {
        return Duration.ofNanos(nanoClock.getAsLong() - beganAt);
    }

    LoadBalancerState state() {
        if (proxy().isClosed()) {
            return LoadBalancerState.CLOSED;
        }
        return draining.get() ? LoadBalancerState.DRAINING : LoadBalancerState.RUNNING;
    }

    // ---- the polite end

    /** As {@link LoadBalancer#drain(Duration, Duration)}. */
    CompletableFuture<DrainResult> drain(Duration lameDuck, Duration grace) {
        TcpProxy running = proxy();
        // Before it begins: a balancer without connections has ended as soon as it has begun.
        if (!running.isClosed() && draining.compareAndSet(false, true)) {
            long open = running.stats().active();
            shared.announcer.tell(listener -> listener.drainBegan(new DrainBegan(null, open, grace)));
        }
        if (lameDuck.isZero()) {
            return running.drain(grace);
        }
        shared.announcer.info("draining in " + lameDuck.toMillis() + " ms, and accepting until then");
        this.lameDuck.announce(nanoClock.getAsLong() + lameDuck.toNanos(), grace);
        shared.control.later(this::endLameDuck, lameDuck.toNanos());
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

    // ---- the end

    /** On the thread of the last loop, before anybody hears of the end: by then nothing goes on by itself any more. */
    private void proxyEnded(DrainResult result) {
        try {
            pools.end();
            shared.control.execute(() -> lastWords(result));
        } catch (Throwable exhausted) {
            endControl();
        }
    }

    /** On the control thread, which goes on until then. */
    private void lastWords(DrainResult result) {
        try {
            if (draining.get()) {
                shared.announcer.tell(
                        listener -> listener.drainEnded(new DrainEnded(null, result.finished(), result.aborted())));
            }
            // Behind what that has just asked for.
            shared.control.execute(this::endControl);
        } catch (Throwable exhausted) {
            endControl();
        }
    }

    private void endControl() {
        rebalancing.end();
        shared.control.end();
        watch.remove(shared.announcer.watched());
    }

    /** As {@link LoadBalancer#close}; also of what has not started. */
    void close() {
        long deadline = System.nanoTime() + CLOSE_WAIT;
        pools.end();
        shared.names.close();
        TcpProxy running = proxy;
        if (running == null) {
            endControl();
        } else {
            running.close();
        }
        if ((running == null || running.isClosed()) && !shared.control.isControlThread()) {
            awaitThreads(deadline);
        }
    }

    private void awaitThreads(long deadline) {
        try {
            shared.promises.awaitKept(deadline);
            pools.awaitEnd(deadline);
            shared.control.awaitEnd(deadline - System.nanoTime());
        } catch (InterruptedException interrupted) {
            // The threads end by themselves; the caller is in a hurry.
            Thread.currentThread().interrupt();
        }
    }
}
