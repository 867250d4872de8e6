package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import io.lb4j.health.CheckAnswer;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.BlockingLookUp;
import io.lb4j.internal.util.Checks;
import java.io.UncheckedIOException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One check on its way through a health thread. */
final class Attempt implements Runnable {
    /*
     * made ──▶ begun, by a health thread ──▶ back: the result is set
     *   └────▶ called off, by the control thread; whoever is first
     *
     * The result stays here, for the control thread to find: handing it over can fail, and only brings it sooner.
     */
    private final HealthMonitor monitor;
    private final BackendCheck check;
    private final HealthCheckPolicy policy;
    private final Runnable handOver;
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile long begunAt;
    private volatile boolean back;

    // Set before it is back, read afterwards.
    private @Nullable Throwable failure;
    private CheckAnswer answer = CheckAnswer.HEALTHY;
    private boolean inconclusive = true;
    private long took;

    // For the control thread.
    private final long startedAt;
    private @Nullable Future<?> future;
    private long timeoutAt;
    private boolean extended;
    private boolean stuck;

    Attempt(HealthMonitor monitor, BackendCheck check, long now) {
        this.monitor = monitor;
        this.check = check;
        policy = monitor.policy();
        startedAt = now;
        timeoutAt = now + policy.timeout().toNanos();
        handOver = () -> check.returned(this);
    }

    @Override
    public void run() {
        begunAt = monitor.now();
        if (!taken.compareAndSet(false, true)) {
            return;
        }
        try {
            check();
        } finally {
            back = true;
        }
        monitor.result(handOver);
    }

    private void check() {
        try {
            BlockingLookUp.during(monitor.names(), this::ask);
        } catch (Throwable unhealthy) {
            failure = unhealthy;
            if (isFault(unhealthy)) {
                monitor.log().checkerFault(check.backend(), unhealthy);
            }
        }
        took = monitor.now() - begunAt;
        inconclusive = failure != null && monitor.isInconclusive(failure);
    }

    private void ask() throws Exception {
        Backend asked = policy.address().apply(check.backend());
        answer = Checks.notNull("answer", policy.checker().ask(asked, policy.timeout()));
    }

    void begin() {
        future = monitor.onHealthThread(this);
    }

    /** The health thread must not begin any more. False when it has. */
    boolean callOff() {
        boolean calledOff = taken.compareAndSet(false, true);
        if (calledOff) {
            cancel(false);
        }
        return calledOff;
    }

    void interrupt() {
        cancel(true);
    }

    private void cancel(boolean interrupt) {
        Future<?> current = future;
        if (current != null) {
            current.cancel(interrupt);
        }
    }

    // ---- its time, for the control thread

    /** When it was handed to the health threads. */
    long startedAt() {
        return startedAt;
    }

    /** When its time is over: counted from {@link #startedAt}, unless it was found to have begun late, or is extended. */
    long timeoutAt() {
        return timeoutAt;
    }

    /** Whether it has begun so late that its time is not over now; then its timeout is later. As {@link #begunAt}. */
    boolean wasBegunLate(long now) {
        long end = begunAt + policy.timeout().toNanos();
        boolean isLater = end - now > 0;
        timeoutAt = isLater ? end : timeoutAt;
        return isLater;
    }

    /** It has its time once more, because its timeout came late. What it finds is what it saw before that. */
    void extend(long now) {
        extended = true;
        timeoutAt = now + policy.timeout().toNanos();
    }

    boolean isExtended() {
        return extended;
    }

    /** It was interrupted and has not come back, and its thread is wanted. Returns true the first time. */
    boolean sticks() {
        boolean isNews = !stuck;
        stuck = true;
        return isNews;
    }

    /** When a health thread began; only once {@link #callOff} has said that one has. */
    long begunAt() {
        return begunAt;
    }

    /** Whether the check is over and has a result. */
    boolean isBack() {
        return back;
    }

    /** Whether it did not find out anything. */
    boolean isInconclusive() {
        return inconclusive;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** From its begin to its end, in nanoseconds. */
    long took() {
        return took;
    }

    HealthCheckPolicy policy() {
        return policy;
    }

    /** Why the backend is not healthy, in one line for people; null when it is. */
    @Nullable
    String failure() {
        return failure == null ? null : describe(failure);
    }

    /** What the backend said of itself, if it is healthy. */
    CheckAnswer answer() {
        return answer;
    }

    /** Two unchecked exceptions are ordinary ways to say that a backend is not well. */
    private static boolean isFault(Throwable failure) {
        boolean isOrdinary = failure instanceof IllegalStateException || failure instanceof UncheckedIOException;
        return failure instanceof Error || (failure instanceof RuntimeException && !isOrdinary);
    }

    /** The message, or the kind of failure where it has none; both of what looks like a fault of the checker. */
    private static String describe(Throwable failure) {
        String message = failure.getMessage();
        String kind = failure.getClass().getSimpleName();
        String text = message == null || message.isBlank() ? kind : isFault(failure) ? kind + ": " + message : message;
        String line = text.lines().findFirst().orElse(text);
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
