package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.discovery.DiscoveryLoop;
import io.lb4j.internal.discovery.DiscoverySink;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.health.HealthMonitor;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.internal.pool.PoolHooks;
import io.lb4j.internal.util.Control;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.Platform;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What keeps the pool of one balancer up to date: health checks and discovery, as far as it has them. */
final class Upkeep implements PoolHooks, DiscoverySink {
    private final PoolConfig config;
    private final BackendPool pool;
    private final Admission admission;
    private final @Nullable HealthMonitor health;
    private final @Nullable DiscoveryLoop discovery;
    private final CompletableFuture<Void> discovered = new CompletableFuture<>();
    private final Supplier<@Nullable TcpProxy> proxy;

    /**
     * Nothing runs yet.
     *
     * @param name of the balancer
     * @param names where checks look up hosts, as connections do
     * @param proxy what serves, or null while nothing does
     */
    Upkeep(
            String name,
            PoolConfig config,
            BackendPool pool,
            Admission admission,
            Control control,
            Platform platform,
            NameResolver names,
            Supplier<@Nullable TcpProxy> proxy) {
        this.config = config;
        this.pool = pool;
        this.admission = admission;
        this.proxy = proxy;
        health = config.healthCheck()
                .map(policy -> new HealthMonitor(name, policy, pool, control, platform))
                .orElse(null);
        if (health != null) {
            health.names(names);
        }
        discovery = config.discovery()
                .map(asked -> new DiscoveryLoop(name, asked, config.discoveryPolicy(), this, control, platform))
                .orElse(null);
    }

    /** What is known of a backend that has not been checked. */
    Health unchecked() {
        return config.healthCheck()
                .map(policy -> Health.unchecked(!policy.initiallyDown(), "not checked yet"))
                .orElse(Health.unchecked(true, "not checked"));
    }

    /** Asks for backends and, where it was told to wait for that, checks them; waits for no longer than it was told. */
    void beforeServing() {
        if (discovery != null) {
            discovery.start();
            if (config.backends().isEmpty()) {
                await(discovered, config.discoveryPolicy().timeout());
            }
        }
        awaitedChecks().ifPresent(atMost -> await(firstChecks(), atMost));
    }

    /** Checks what has not been checked before, and closes the port if nobody is to come; does not wait. */
    void serving() {
        // What was wanted before there was a port.
        listening(pool.isOpen());
        var unused = awaitedChecks().isEmpty() ? firstChecks() : null;
    }

    private Optional<Duration> awaitedChecks() {
        return config.healthCheck().flatMap(HealthCheckPolicy::awaitFirstChecks);
    }

    private CompletableFuture<Void> firstChecks() {
        return health == null ? CompletableFuture.completedFuture(null) : health.add(pool.places(), unchecked());
    }

    private static void await(CompletableFuture<Void> done, Duration atMost) {
        try {
            done.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException late) {
            // Who is not up by now comes up when its check passes.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** From the next check of each backend on. */
    void policy(HealthCheckPolicy changed) {
        if (health != null) {
            health.policy(changed);
        }
    }

    /** No further check, no further question. Does not wait. */
    void end() {
        if (discovery != null) {
            discovery.close();
        }
        if (health != null) {
            health.close();
        }
    }

    /** Waits for its threads to end, until this time of {@link System#nanoTime}. */
    void awaitEnd(long deadline) throws InterruptedException {
        if (health != null) {
            health.awaitClosed(deadline - System.nanoTime());
        }
        if (discovery != null) {
            discovery.awaitClosed(deadline - System.nanoTime());
        }
    }

    // ---- what the discovery tells

    /** On its thread. */
    @Override
    public Backend admitted(Backend backend) {
        return admission.admit(backend);
    }

    /** On the control thread. */
    @Override
    public void discovered(List<Backend> answer) {
        TcpProxy running = proxy.get();
        List<Backend> others = running == null
                ? answer
                : answer.stream()
                        .filter(backend -> !running.isWrittenAsListener(backend))
                        .toList();
        pool.administration()
                .discovered(others, config.discoveryPolicy().removeWithin().orElse(null));
        discovered.complete(null);
    }

    // ---- what changes of the pool set going

    @Override
    public boolean isChecking() {
        return health != null;
    }

    @Override
    public void added(List<? extends CheckedBackend> added, Health initial) {
        if (health != null) {
            var unused = health.add(added, initial);
        }
    }

    @Override
    public void removed(CheckedBackend removed) {
        if (health != null) {
            health.remove(removed);
        }
    }

    @Override
    public void doubted(CheckedBackend doubted) {
        if (health != null) {
            health.doubt(doubted);
        }
    }

    @Override
    public void giveUpAttempts(Route backend) {
        TcpProxy running = proxy.get();
        if (running != null) {
            running.giveUpAttempts(backend);
        }
    }

    @Override
    public void listening(boolean wanted) {
        TcpProxy running = proxy.get();
        if (running != null) {
            running.frontends().forEach(frontend -> frontend.listening(wanted));
        }
    }

    @Override
    public CompletionStage<Integer> abort(Route backend, CloseReason reason) {
        TcpProxy running = proxy.get();
        return running == null ? CompletableFuture.completedFuture(0) : running.abort(backend, reason);
    }
}
