package io.lb4j.internal.health;

import io.lb4j.health.CheckInconclusiveException;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.OwnFailure;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Runs the health checks of one pool: decides on the control thread, checks on health threads. The public methods
 * can be called from any thread; everything else is confined to the control thread.
 */
public final class HealthMonitor {
    private static final CompletableFuture<Void> NONE_AWAITED = CompletableFuture.completedFuture(null);

    private final Platform platform;
    private final HealthSink sink;
    private final Scheduler control;
    private final HealthLog log;
    private final CheckThreads healthThreads;

    /** Null: checkers look up by themselves. */
    private @Nullable NameResolver names;

    private volatile boolean closed;

    // Confined to the control thread.
    private final Roster roster;
    private final Slots slots = new Slots();
    private final Rhythm rhythm;
    private HealthCheckPolicy policy;
    private long nextAudit;

    /**
     * @param name what lines in the log begin with
     * @param threads where checks are made
     */
    public HealthMonitor(
            String name,
            HealthCheckPolicy policy,
            HealthSink sink,
            Scheduler control,
            Platform platform,
            CheckThreads threads) {
        this.platform = platform;
        this.policy = policy;
        this.sink = sink;
        this.control = control;
        log = new HealthLog(name, platform.nanoClock());
        roster = new Roster(this, sink, log);
        healthThreads = threads;
        threads.limit(policy.concurrency());
        slots.limit(policy.concurrency());
        rhythm = new Rhythm(platform, policy);
        nextAudit = now() + Scheduler.AUDIT_INTERVAL;
        control.audit(this::audit);
        log.warnOf(policy);
    }

    /** Where checkers look up the hosts of backends. Called before anything else. */
    public void names(NameResolver shared) {
        names = shared;
    }

    @Nullable
    NameResolver names() {
        return names;
    }

    /** The health threads of this balancer, for all its pools. */
    public static FewThreads threads(String name, Scheduler control, Platform platform) {
        ExecutorService threads = platform.workers().pool(Names.thread(name, "health"), Platform.Workers.UNBOUNDED);
        return new FewThreads(threads, control, new RateLimitedLog(HealthLog.lines(name), platform.nanoClock()));
    }

    /**
     * Begins to check these at once, but for those that are checked already. Completes when each of them has been
     * checked once, or removed; at once when there is no memory for it, and then they are checked within a second or
     * when there is.
     */
    public CompletableFuture<Void> add(List<? extends CheckedBackend> backends, Health initial) {
        roster.expect(initial);
        try {
            List<BackendCheck> added = new ArrayList<>();
            backends.forEach(backend -> added.add(new BackendCheck(this, backend, initial)));
            CompletableFuture<Void> first = CompletableFuture.allOf(
                    added.stream().map(BackendCheck::first).toArray(CompletableFuture[]::new));
            control.execute(() -> roster.begin(backends, added));
            return first;
        } catch (VirtualMachineError shortage) {
            roster.loseTrack();
            return NONE_AWAITED;
        }
    }

    /** Checks it no more: what a check that is under way finds is not reported. */
    public void remove(CheckedBackend backend) {
        try {
            control.execute(() -> roster.remove(backend));
        } catch (VirtualMachineError shortage) {
            roster.loseTrack();
        }
    }

    /** Something happened to a connection that makes its health doubtful: the next check is made soon. */
    public void doubt(CheckedBackend backend) {
        try {
            control.execute(() -> roster.beginSoon(backend));
        } catch (VirtualMachineError shortage) {
            // The next connection that fails doubts again, and without one the next check finds out.
            return;
        }
    }

    /** From the next check of each backend on. */
    public void policy(HealthCheckPolicy changed) {
        control.execute(() -> {
            policy = changed;
            rhythm.policy(changed);
            log.warnOf(changed);
            healthThreads.limit(changed.concurrency());
            slots.limit(changed.concurrency());
            roster.policyChanged();
        });
    }

    /** Begins no check; what those find that run counts no more. Does not wait. */
    public void close() {
        closed = true;
        healthThreads.close();
    }

    // ---- for the checks

    HealthCheckPolicy policy() {
        return policy;
    }

    HealthLog log() {
        return log;
    }

    Slots slots() {
        return slots;
    }

    long now() {
        return platform.nanoClock().getAsLong();
    }

    /**
     * Whether a check failed for want of something on this machine, or was interrupted by a stranger. That no
     * descriptor is left has no type of its own; so a socket is opened to see, on the thread of the check and at once.
     */
    boolean isInconclusive(Throwable failure) {
        if (failure instanceof CheckInconclusiveException
                || OwnFailure.isShortage(failure)
                || OwnFailure.isInterrupt(failure)) {
            return true;
        }
        try {
            platform.sockets().openSocketChannel().close();
            return false;
        } catch (IOException shortage) {
            return true;
        }
    }

    /** When the next audit is due. */
    long nextAudit() {
        return nextAudit;
    }

    Rhythm rhythm() {
        return rhythm;
    }

    /** The health of one was, and is now; false for one that is not checked. */
    void changed(boolean before, boolean after) {
        if (rhythm.changed(before, after)) {
            roster.allBeginSoon();
        }
    }

    Future<?> onHealthThread(Runnable task) {
        return healthThreads.begin(task);
    }

    /** Called on a health thread: runs the task on the control thread. */
    void result(Runnable task) {
        healthThreads.result(task);
    }

    /** Runs the task then, if there is memory to remember it: the audit does what it would have done. */
    void later(Runnable task, long delayNanos) {
        try {
            control.later(task, delayNanos);
        } catch (VirtualMachineError shortage) {
            return;
        }
    }

    private void audit() {
        if (closed) {
            return;
        }
        rhythm.runs(nextAudit);
        nextAudit = now() + Scheduler.AUDIT_INTERVAL;
        healthThreads.audit();
        roster.audit();
        slots.fill();
        log.starving(slots, policy.concurrency());
    }

    void report(CheckedBackend backend, Health health) {
        if (!closed) {
            sink.checked(backend, health);
        }
    }
}
