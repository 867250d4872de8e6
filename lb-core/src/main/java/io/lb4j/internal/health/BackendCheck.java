package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.HealthCheckPolicy;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The checks of one backend, one after another. Confined to the control thread, but for {@link #run}, which a health
 * thread executes and which reports back through the control thread.
 */
final class BackendCheck {
    /*
     * begin ──▶ a health thread picks it up: started ──▶ returned            the result counts
     *                                           └─ timeout ──▶ interrupted    failed; what comes later is dropped
     *
     * `number` tells a late result from that of the check that is under way. The next check begins one interval after
     * this one began, but not before its thread has come back.
     */
    /** A check that could not find out is made again after this, or after the interval if that is shorter. */
    private static final long RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    private final HealthMonitor monitor;
    private final HealthCheckPolicy policy;
    private final Backend backend;

    private BackendStatus status = BackendStatus.UP;
    private int passed;
    private int failed;
    private long number;
    private long beganAt;
    private boolean threadIsOut;
    private boolean beginWhenBack;
    private @Nullable Future<?> running;

    BackendCheck(HealthMonitor monitor, HealthCheckPolicy policy, Backend backend) {
        this.monitor = monitor;
        this.policy = policy;
        this.backend = backend;
    }

    void begin() {
        if (threadIsOut) {
            beginWhenBack = true;
            return;
        }
        beginWhenBack = false;
        threadIsOut = true;
        beganAt = monitor.now();
        long current = ++number;
        try {
            running = monitor.onHealthThread(() -> run(current));
        } catch (Throwable noThread) {
            returned(current, noThread);
        }
    }

    private void run(long current) {
        Throwable failure = null;
        try {
            monitor.onControlThread(() -> started(current));
            policy.checker().check(backend, policy.timeout());
        } catch (Throwable unhealthy) {
            failure = unhealthy;
        }
        Throwable result = failure;
        monitor.onControlThread(() -> returned(current, result));
    }

    private void started(long current) {
        monitor.later(() -> timeout(current), policy.timeout().toNanos());
    }

    private void returned(long current, @Nullable Throwable failure) {
        threadIsOut = false;
        if (current == number) {
            if (failure != null && monitor.isInconclusive(failure)) {
                number++;
                running = null;
                monitor.later(
                        this::begin,
                        monitor.jittered(Math.min(RETRY_AFTER, policy.interval().toNanos())));
            } else {
                ended(failure == null ? null : describe(failure));
            }
        }
        if (beginWhenBack) {
            begin();
        }
    }

    private void timeout(long current) {
        if (current == number && running != null) {
            running.cancel(true);
            ended("timed out after " + policy.timeout().toMillis() + " ms");
        }
    }

    /** A result that counts; null when healthy. */
    private void ended(@Nullable String failure) {
        // First of all: whatever fails below, the next check comes.
        monitor.later(this::begin, monitor.jittered(policy.interval().toNanos()) - (monitor.now() - beganAt));
        number++;
        running = null;
        passed = failure == null ? passed + 1 : 0;
        failed = failure == null ? 0 : failed + 1;
        if (status == BackendStatus.UP && failed >= policy.unhealthyAfter()) {
            status = BackendStatus.DOWN;
        } else if (status == BackendStatus.DOWN && passed >= policy.healthyAfter()) {
            status = BackendStatus.UP;
        }
        monitor.report(backend, status, reason(failure));
    }

    private String reason(@Nullable String failure) {
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
