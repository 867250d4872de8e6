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
import io.lb4j.internal.util.Scheduler;
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
import org.jspecify.annotations.Nullable;

/** What keeps one pool up to date: health checks and discovery, as far as it has them. */
final class Upkeep implements PoolHooks, DiscoverySink {
    private final PoolConfig config;
    private final BackendPool pool;
    private final Admission admission;
    private final Pools all;
    private final @Nullable HealthMonitor health;
    private final @Nullable DiscoveryLoop discovery;
    private final CompletableFuture<Void> discovered = new CompletableFuture<>();

    /**
     * Nothing runs yet.
     *
     * @param control the control thread as this pool has it
     */
    Upkeep(PoolConfig config, BackendPool pool, Admission admission, Scheduler control, Pools all) {
        this.config = config;
        this.pool = pool;
        this.admission = admission;
        this.all = all;
        Shared shared = all.shared;
        String name = logName(shared.name, config.name());
        health = config.healthCheck()
                .map(policy -> new HealthMonitor(name, policy, pool, control, shared.platform, shared.checkThreads()))
                .orElse(null);
        if (health != null) {
            health.names(shared.names);
        }
        discovery = config.discovery()
                .map(asked -> new DiscoveryLoop(
                        name, asked, config.discoveryPolicy(), this, control, shared.discoveryPlatform()))
                .orElse(null);
    }

    /** What lines of the log begin with: {@code orders: pool api}, and for the default pool the balancer's name. */
    private static String logName(String balancer, String pool) {
        return pool.equals(Backend.DEFAULT_POOL) ? balancer : balancer + ": pool " + pool;
    }

    /** What is known of a backend that has not been checked. */
    Health unchecked() {
        return config.healthCheck()
                .map(policy -> Health.unchecked(!policy.initiallyDown(), "not checked yet"))
                .orElse(Health.unchecked(true, "not checked"));
    }

    /** Asks for backends; does not wait. */
    void ask() {
        if (discovery != null) {
            discovery.start();
        }
    }

    /** Waits for the first answer, where there is no backend without, for as long as one may take from this time on. */
    void awaitAnswer(long began) {
        if (discovery != null && config.backends().isEmpty()) {
            await(discovered, began, config.discoveryPolicy().timeout());
        }
    }

    /** Checks those that have to be before anybody is served; completes when they have been, done when none have. */
    CompletableFuture<Void> checkBeforeServing() {
        return awaitedChecks().isPresent() ? firstChecks() : CompletableFuture.completedFuture(null);
    }

    /** Waits for that, for as long as it was told from this time on. */
    void awaitChecks(CompletableFuture<Void> checks, long began) {
        awaitedChecks().ifPresent(atMost -> await(checks, began, atMost));
    }

    /** Checks what has not been checked before, and closes the port if nobody is to come; does not wait. */
    void serving() {
        // What was wanted before there was a port.
        listening(pool.isOpen());
        var unused = awaitedChecks().isEmpty() ? firstChecks() : null;
    }

    /** Asks and checks for a pool that came while others are served; does not wait. */
    void servingAtOnce() {
        ask();
        listening(pool.isOpen());
        var unused = firstChecks();
    }

    private Optional<Duration> awaitedChecks() {
        return config.healthCheck().flatMap(HealthCheckPolicy::awaitFirstChecks);
    }

    private CompletableFuture<Void> firstChecks() {
        return health == null ? CompletableFuture.completedFuture(null) : health.add(pool.places(), unchecked());
    }

    private static void await(CompletableFuture<Void> done, long began, Duration atMost) {
        try {
            done.get(began + atMost.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
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

    /** Waits for its discovery to return, until this time of {@link System#nanoTime}. */
    void awaitEnd(long deadline) throws InterruptedException {
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
    public List<String> discovered(List<Backend> answer) {
        TcpProxy running = all.shared.proxy.get();
        List<Backend> others = running == null
                ? answer
                : answer.stream()
                        .filter(backend -> !running.isWrittenAsListener(backend))
                        .toList();
        List<String> leftOut = pool.administration()
                .discovered(others, config.discoveryPolicy().removeWithin().orElse(null));
        discovered.complete(null);
        return leftOut;
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
        TcpProxy running = all.shared.proxy.get();
        if (running != null) {
            running.giveUpAttempts(backend);
        }
    }

    @Override
    public void listening(boolean wanted) {
        all.listeningChanged();
    }

    @Override
    public CompletionStage<Integer> abort(Route backend, CloseReason reason) {
        TcpProxy running = all.shared.proxy.get();
        return running == null ? CompletableFuture.completedFuture(0) : running.abort(backend, reason);
    }
}
