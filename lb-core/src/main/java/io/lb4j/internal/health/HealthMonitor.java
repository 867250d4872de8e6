package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import io.lb4j.health.CheckInconclusiveException;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.OwnFailure;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Runs the health checks of one pool: decides on the control thread, checks on health threads. The public methods
 * can be called from any thread; everything else is confined to the control thread.
 */
public final class HealthMonitor {
    /** A timeout that needs no warning, whatever the interval. */
    private static final Duration ALWAYS_SHORT = Duration.ofSeconds(1);

    private static final CompletableFuture<Void> NONE_AWAITED = CompletableFuture.completedFuture(null);

    private final Platform platform;
    private final HealthSink sink;
    private final Scheduler control;
    private final NamedLog lines;
    private final RateLimitedLog log;
    private final CheckThreads healthThreads;

    /** Null: checkers look up by themselves. */
    private @Nullable NameResolver names;

    private volatile boolean closed;

    // Confined to the control thread.
    /** In the order in which they came: a walk through them is the same in every run. */
    private final LinkedHashMap<CheckedBackend, BackendCheck> checks = new LinkedHashMap<>();

    private final Slots slots = new Slots();
    private final Rhythm rhythm;
    private final BiConsumer<CheckedBackend, BackendCheck> auditOne = this::audit;
    private final BiConsumer<CheckedBackend, BackendCheck> beginSoon = this::beginSoon;
    private HealthCheckPolicy policy;
    private long nextAudit;
    private boolean starved;

    /** Removed, but their threads have not come back. A list through {@link BackendCheck#nextLeaving}. */
    private @Nullable BackendCheck leaving;

    /** What there was no memory to be told: who is checked is then compared with who should be. */
    private volatile boolean lostTrack;

    private volatile Health unchecked = Health.unchecked(true, "not checked yet");

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
        lines = lines(name);
        log = new RateLimitedLog(lines, platform.nanoClock());
        healthThreads = threads;
        threads.limit(policy.concurrency());
        slots.limit(policy.concurrency());
        rhythm = new Rhythm(platform, policy);
        nextAudit = now() + Scheduler.AUDIT_INTERVAL;
        control.audit(this::audit);
        warnOf(policy);
    }

    private void warnOf(HealthCheckPolicy policy) {
        boolean isLong = policy.timeout().compareTo(ALWAYS_SHORT) > 0;
        if (isLong && policy.timeout().compareTo(policy.interval()) > 0) {
            lines.warn("health check timeout: " + policy.timeout() + " (expected: at most the interval, "
                    + policy.interval() + "): a backend that does not answer is noticed later than the interval says");
        }
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
        return new FewThreads(threads, control, new RateLimitedLog(lines(name), platform.nanoClock()));
    }

    private static NamedLog lines(String name) {
        return new NamedLog(LoggerFactory.getLogger(HealthMonitor.class), name);
    }

    /**
     * Begins to check these at once, but for those that are checked already. Completes when each of them has been
     * checked once, or removed; at once when there is no memory for it, and then they are checked within a second or
     * when there is.
     */
    public CompletableFuture<Void> add(List<? extends CheckedBackend> backends, Health initial) {
        // Of those that get lost below, the worst that may be taken for known of them.
        unchecked = unchecked.up() ? initial : unchecked;
        try {
            List<BackendCheck> added = new ArrayList<>();
            backends.forEach(backend -> added.add(new BackendCheck(this, backend, initial)));
            CompletableFuture<Void> first = CompletableFuture.allOf(
                    added.stream().map(BackendCheck::first).toArray(CompletableFuture[]::new));
            control.execute(() -> begin(backends, added));
            return first;
        } catch (VirtualMachineError shortage) {
            lostTrack = true;
            return NONE_AWAITED;
        }
    }

    private void begin(List<? extends CheckedBackend> backends, List<BackendCheck> added) {
        try {
            for (int i = 0; i < added.size(); i++) {
                begin(backends.get(i), added.get(i));
            }
        } catch (VirtualMachineError shortage) {
            lostTrack = true;
        }
    }

    private void begin(CheckedBackend backend, BackendCheck check) {
        BackendCheck known = checks.putIfAbsent(backend, check);
        if (known == null) {
            check.start();
        } else {
            var unused = known.first().thenRun(() -> check.first().complete(null));
        }
    }

    /** Checks it no more: what a check that is under way finds is not reported. */
    public void remove(CheckedBackend backend) {
        try {
            control.execute(() -> {
                BackendCheck check = checks.remove(backend);
                if (check != null) {
                    end(check);
                }
            });
        } catch (VirtualMachineError shortage) {
            lostTrack = true;
        }
    }

    private void end(BackendCheck check) {
        check.remove();
        if (check.isOut()) {
            check.nextLeaving(leaving);
            leaving = check;
        }
    }

    /** Something happened to a connection that makes its health doubtful: the next check is made soon. */
    public void doubt(CheckedBackend backend) {
        try {
            control.execute(() -> {
                BackendCheck check = checks.get(backend);
                if (check != null) {
                    check.beginSoon();
                }
            });
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
            warnOf(changed);
            healthThreads.limit(changed.concurrency());
            slots.limit(changed.concurrency());
            checks.values().forEach(BackendCheck::policyChanged);
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

    /** On the thread of the check: a checker threw what looks like a fault of its own, and its author wants to know where. */
    void checkerFault(Backend backend, Throwable fault) {
        if (lines.isDebugEnabled()) {
            lines.debug("health check of " + backend + " failed", fault);
        }
    }

    Rhythm rhythm() {
        return rhythm;
    }

    /** The health of one was, and is now; false for one that is not checked. */
    void changed(boolean before, boolean after) {
        if (rhythm.changed(before, after)) {
            checks.forEach(beginSoon);
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

    // ---- what was lost

    private void audit() {
        if (closed) {
            return;
        }
        rhythm.runs(nextAudit);
        nextAudit = now() + Scheduler.AUDIT_INTERVAL;
        healthThreads.audit();
        checks.forEach(auditOne);
        auditLeaving();
        if (lostTrack) {
            lostTrack = false;
            findTrack();
        }
        slots.fill();
        reportStarving();
    }

    private void auditLeaving() {
        BackendCheck check = leaving;
        leaving = null;
        while (check != null) {
            BackendCheck next = check.nextLeaving();
            audit(check);
            if (check.isOut()) {
                check.nextLeaving(leaving);
                leaving = check;
            }
            check = next;
        }
    }

    private void reportStarving() {
        int starving = slots.starving();
        if (starving > 0 && !starved) {
            log.warn(
                    starving + (starving == 1 ? " backend is" : " backends are") + " not checked:",
                    slots.held() + " of " + policy.concurrency()
                            + " threads are held by checks that do not return, although they were interrupted",
                    null);
        }
        starved = starving > 0;
    }

    private void beginSoon(CheckedBackend backend, BackendCheck check) {
        check.beginSoon();
    }

    private void audit(CheckedBackend backend, BackendCheck check) {
        audit(check);
    }

    private void audit(BackendCheck check) {
        try {
            check.audit();
        } catch (Throwable failure) {
            log.warn("audit of a health check", "failed", failure);
        }
    }

    private void findTrack() {
        try {
            List<? extends CheckedBackend> all = sink.places();
            if (all != null) {
                checkOnly(all);
            }
        } catch (VirtualMachineError shortage) {
            lostTrack = true;
        }
    }

    private void checkOnly(List<? extends CheckedBackend> all) {
        Set<CheckedBackend> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        wanted.addAll(all);
        checks.forEach((backend, check) -> {
            if (!wanted.contains(backend)) {
                end(check);
            }
        });
        checks.keySet().removeIf(backend -> !wanted.contains(backend));
        for (CheckedBackend backend : all) {
            if (!checks.containsKey(backend)) {
                begin(backend, new BackendCheck(this, backend, unchecked));
            }
        }
    }

    // ---- what checks found

    void report(CheckedBackend backend, Health health) {
        if (!closed) {
            sink.checked(backend, health);
        }
    }

    void reportStuck(CheckedBackend backend, long nanos) {
        log.warn(
                "health check of " + backend.backend(),
                "does not return, although it was interrupted " + TimeUnit.NANOSECONDS.toSeconds(nanos)
                        + " s ago; it keeps its thread, and the backend is not checked until it does",
                null);
    }
}
