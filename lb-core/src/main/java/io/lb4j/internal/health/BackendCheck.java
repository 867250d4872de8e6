package io.lb4j.internal.health;

import io.lb4j.backend.CheckResult;
import io.lb4j.health.HealthCheckPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The checks of one backend, one after another. Confined to the control thread, but for {@link #run}, which a health
 * thread executes and which reports back through the control thread.
 */
final class BackendCheck {
    /*
     * scheduled ─▶ waiting for a slot ─▶ on a health thread ──▶ returned                the result counts
     *                                                       └─ timeout ─▶ interrupted    failed; what comes later is
     *                                                                                     dropped
     *
     * `number` tells a late result from that of the check that is under way, `schedule` a time that was replaced by an
     * earlier one. The next check begins one interval after this one began, but not before its thread has come back.
     */
    /** A check that could not find out is made again after this, or after the interval if that is shorter. */
    private static final long RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    /** However many connections fail, a backend is checked no sooner than this after its last check began. */
    private static final long SOONEST = TimeUnit.SECONDS.toNanos(1);

    /** A checker that was interrupted, and is wanted again, is not spoken of before this. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    /** A check that began this little after its time counts as begun in time, so that times do not drift apart. */
    private static final long ON_TIME = TimeUnit.MILLISECONDS.toNanos(5);

    private final HealthMonitor monitor;
    private final CheckedBackend backend;
    private final CompletableFuture<Void> first = new CompletableFuture<>();

    private Health health;
    private long number;
    private long beganAt;
    private boolean threadIsOut;
    private boolean dueWhenBack;
    private boolean waiting;
    private boolean removed;
    private boolean timedOut;
    private boolean holdsSuspectSlot;
    private long schedule;
    private long nextAt;
    private boolean isScheduled;
    private @Nullable Future<?> running;
    private Pickup pickup = new Pickup();

    /** Whether a health thread has begun with a check, and when. Shared by that thread and the control thread. */
    private static final class Pickup {
        private final AtomicBoolean taken = new AtomicBoolean();
        private volatile long at;

        /** By the health thread: it begins, unless it is too late for that. */
        boolean begin(long now) {
            at = now;
            return taken.compareAndSet(false, true);
        }

        /** By the control thread: the health thread must not begin any more. False when it has. */
        boolean callOff() {
            return taken.compareAndSet(false, true);
        }
    }

    BackendCheck(HealthMonitor monitor, CheckedBackend backend, Health initial) {
        this.monitor = monitor;
        this.backend = backend;
        this.health = initial;
    }

    /** Completes when a first check has ended. */
    CompletableFuture<Void> first() {
        return first;
    }

    /** Whether its last check timed out. */
    boolean isSuspect() {
        return timedOut;
    }

    /** Whether it still wants the slot it waits for. */
    boolean isWaiting() {
        return waiting && !removed;
    }

    void remove() {
        removed = true;
        schedule++;
        first.complete(null);
        Future<?> current = running;
        if (current != null) {
            number++;
            running = null;
            current.cancel(true);
            monitor.ended(holdsSuspectSlot);
        }
    }

    /** The intervals of the new policy count from now on. */
    void policyChanged() {
        if (isScheduled) {
            scheduleAt(monitor.oneIntervalAfter(beganAt, interval()));
        }
    }

    void beginAtOnce() {
        scheduleAt(monitor.now());
    }

    /** As soon as may be, if nothing is under way or sooner due. */
    void beginSoon() {
        long at = Math.max(0, beganAt + SOONEST - monitor.now()) + monitor.now();
        if (isScheduled && at - nextAt < 0) {
            scheduleAt(at);
        }
    }

    private void scheduleAt(long at) {
        long current = ++schedule;
        isScheduled = true;
        nextAt = at;
        monitor.later(() -> due(current), at - monitor.now());
    }

    private void due(long current) {
        if (current != schedule || removed) {
            return;
        }
        isScheduled = false;
        if (threadIsOut) {
            dueWhenBack = true;
            monitor.later(this::reportIfStuck, PATIENCE);
            return;
        }
        waiting = true;
        monitor.due(this);
    }

    private void reportIfStuck() {
        if (dueWhenBack && !removed) {
            monitor.reportStuck(backend);
        }
    }

    /** It has its slot. */
    void begin(boolean suspectSlot) {
        waiting = false;
        holdsSuspectSlot = suspectSlot;
        threadIsOut = true;
        long now = monitor.now();
        beganAt = now - nextAt < ON_TIME ? nextAt : now;
        long current = ++number;
        HealthCheckPolicy policy = monitor.policy();
        Pickup mine = new Pickup();
        pickup = mine;
        try {
            running = monitor.onHealthThread(() -> run(current, policy, mine));
            monitor.later(() -> timeout(current, policy), policy.timeout().toNanos());
        } catch (Throwable noThread) {
            returned(current, noThread, 0);
        }
    }

    private void run(long current, HealthCheckPolicy policy, Pickup mine) {
        Throwable failure = null;
        long began = monitor.now();
        if (!mine.begin(began)) {
            return;
        }
        try {
            policy.checker().check(policy.address().apply(backend.backend()), policy.timeout());
        } catch (Throwable unhealthy) {
            failure = unhealthy;
        }
        Throwable result = failure;
        long took = monitor.now() - began;
        monitor.result(() -> returned(current, result, took));
    }

    private void returned(long current, @Nullable Throwable failure, long took) {
        threadIsOut = false;
        if (current == number) {
            if (failure != null && monitor.isInconclusive(failure)) {
                tryAgain();
            } else {
                ended(failure == null ? null : describe(failure), took, false);
            }
        }
        if (dueWhenBack && !removed) {
            dueWhenBack = false;
            beginAtOnce();
        }
    }

    private void timeout(long current, HealthCheckPolicy policy) {
        Future<?> late = running;
        if (current != number || late == null) {
            return;
        }
        if (pickup.callOff()) {
            // No thread had time for it: that says nothing of the backend.
            late.cancel(false);
            threadIsOut = false;
            tryAgain();
            return;
        }
        long left = pickup.at + policy.timeout().toNanos() - monitor.now();
        if (left > 0) {
            monitor.later(() -> timeout(current, policy), left);
            return;
        }
        late.cancel(true);
        long millis = policy.timeout().toMillis();
        ended("timed out after " + millis + " ms", policy.timeout().toNanos(), true);
    }

    /** The check found out nothing. */
    private void tryAgain() {
        over();
        scheduleAt(monitor.oneIntervalAfter(monitor.now(), Math.min(RETRY_AFTER, interval())));
    }

    private void over() {
        number++;
        running = null;
        monitor.ended(holdsSuspectSlot);
    }

    /** A result that counts; null when healthy. */
    private void ended(@Nullable String failure, long took, boolean byTimeout) {
        timedOut = byTimeout;
        health = after(failure, took);
        // First of all: whatever fails below, the next check comes.
        scheduleAt(monitor.oneIntervalAfter(beganAt, interval()));
        over();
        first.complete(null);
        monitor.report(backend, health);
    }

    private Health after(@Nullable String failure, long took) {
        HealthCheckPolicy policy = monitor.policy();
        boolean passes = failure == null;
        boolean isFirst = health.last() == null;
        int passed = passes ? health.passed() + 1 : 0;
        int failed = passes ? 0 : health.failed() + 1;
        boolean up = health.up();
        if (up) {
            up = failed < policy.unhealthyAfter();
        } else {
            // Whoever was taken for DOWN without having been asked comes up when it is asked.
            up = passed >= policy.healthyAfter() || (isFirst && passes);
        }
        CheckResult result =
                new CheckResult(passes, failure == null ? "" : failure, Duration.ofNanos(took), Instant.now());
        return new Health(up, reason(failure, passed, failed), result, passed, failed);
    }

    /** From the begin of the last check to that of the next. */
    private long interval() {
        HealthCheckPolicy policy = monitor.policy();
        boolean inTransition = health.up() ? health.failed() > 0 : health.passed() > 0;
        Duration usual =
                health.up() ? policy.interval() : policy.intervalWhileDown().orElse(policy.interval());
        return (inTransition ? policy.intervalInTransition().orElse(usual) : usual).toNanos();
    }

    private static String reason(@Nullable String failure, int passed, int failed) {
        return failure == null
                ? "after " + count(passed, "passed")
                : "after " + count(failed, "failed") + " (" + failure + ")";
    }

    private static String count(int checks, String outcome) {
        return checks + " " + outcome + (checks == 1 ? " check" : " checks");
    }

    /** One line for people: the message, or the kind of failure where it has none. */
    private static String describe(Throwable failure) {
        String message = failure.getMessage();
        String text = message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
        String line = text.lines().findFirst().orElse(text);
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
