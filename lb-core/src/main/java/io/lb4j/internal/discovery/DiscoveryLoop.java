package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Scheduler;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Asks one discovery again and again and tells the sink when the list has changed: decides on the control thread, asks
 * on a worker thread of its own. {@link #start}, {@link #refresh} and {@link #close} can be called from any thread.
 */
public final class DiscoveryLoop {
    /*
     * begin ──▶ a worker thread asks ──▶ back      the outcome counts
     *                └─ timeout ──▶ interrupted    failed; what comes later is dropped
     *
     * There is one call at a time: the next begins one interval after this one began, but not before its thread has
     * come back. There is one begin in the schedule at a time: planning another makes the one before void (`plan`).
     *
     * Only a good answer changes the list. A backend that answers lack is dropped by an answer, never by silence: when
     * it has been missing for long enough, the next call begins at that moment.
     */
    /** Calls are spread by up to this part of the interval, so that balancers that started together drift apart. */
    private static final double JITTER = 0.05;

    private final BackendDiscovery discovery;
    private final DiscoveryPolicy policy;
    private final DiscoverySink sink;
    private final Scheduler control;
    private final Platform platform;
    private final ExecutorService workers;
    private final KnownBackends known;
    private final ConditionLog condition;
    private final ConditionLog duplicates;
    private final String what;

    private volatile @Nullable DiscoveryCall call;
    private volatile boolean closed;
    private boolean again;
    private long plan;
    private long plannedAt;
    private @Nullable List<Backend> handedOver;

    /** The control thread is the balancer's; whoever made it ends it. */
    public DiscoveryLoop(
            String name,
            BackendDiscovery discovery,
            DiscoveryPolicy policy,
            DiscoverySink sink,
            Scheduler control,
            Platform platform) {
        this.discovery = discovery;
        this.policy = policy;
        this.sink = sink;
        this.control = control;
        this.platform = platform;
        workers = platform.workers().pool("lb-" + name + "-discovery", 1);
        known = new KnownBackends(policy.vanishedAfter().toNanos());
        NamedLog log = new NamedLog(LoggerFactory.getLogger(DiscoveryLoop.class), name);
        condition = new ConditionLog(log, platform.nanoClock());
        duplicates = new ConditionLog(log, platform.nanoClock());
        what = "discovery " + OneLine.of(discovery);
    }

    /** Asks for the first time, at once. */
    public void start() {
        refresh();
    }

    /** Asks now instead of when it is due. During a call: once more when that is back. */
    public void refresh() {
        control.execute(this::begin);
    }

    /** Asks no more and interrupts a call that runs. Does not wait; the sink may be being told at this moment. */
    public void close() {
        closed = true;
        workers.shutdownNow();
    }

    /** Waits for the worker thread to end, at most this long; not at all on that thread. */
    public void awaitClosed(long nanos) throws InterruptedException {
        DiscoveryCall running = call;
        if (running == null || !running.isOnThisThread()) {
            workers.awaitTermination(nanos, TimeUnit.NANOSECONDS);
        }
    }

    // ---- on the control thread

    private void begin() {
        if (closed) {
            return;
        }
        // First of all: whatever fails below, there is a next time.
        planNext(jittered(policy.interval().toNanos()));
        DiscoveryCall before = call;
        if (before != null && !before.isBack()) {
            again = true;
            return;
        }
        if (before != null) {
            // Back, and its message still on the way or lost for want of memory.
            outcome(before);
        }
        again = false;
        ask(new DiscoveryCall(discovery, back -> control.execute(() -> returned(back))));
    }

    private void ask(DiscoveryCall next) {
        call = next;
        control.later(() -> timeout(next), policy.timeout().toNanos());
        try {
            workers.execute(next);
        } catch (Throwable noThread) {
            next.abandon(noThread);
            returned(next);
        }
    }

    private void returned(DiscoveryCall back) {
        if (closed) {
            return;
        }
        if (again && back == call) {
            control.execute(this::begin);
        }
        outcome(back);
    }

    private void timeout(DiscoveryCall late) {
        if (closed) {
            return;
        }
        if (late.isBack()) {
            // In time, but for its message.
            outcome(late);
        } else if (late.settle()) {
            late.interrupt();
            failed("timed out after " + policy.timeout().toMillis() + " ms");
        }
    }

    private void outcome(DiscoveryCall back) {
        if (!back.settle()) {
            return;
        }
        Answer answer = back.answer();
        if (answer == null) {
            failed(back.reason());
        } else if (answer.backends().isEmpty() && policy.keepOnEmpty()) {
            condition.wrong("empty", what + " answered without a backend; " + kept());
        } else {
            answered(answer);
        }
    }

    private void failed(String reason) {
        condition.wrong("failed", what + " failed (" + reason + "); " + kept());
    }

    private void answered(Answer answer) {
        known.answered(answer.backends(), now());
        Long nanosToDrop = known.nanosToDrop(now());
        if (nanosToDrop != null && nanosToDrop < plannedAt - now()) {
            planNext(nanosToDrop);
        }
        say(answer);
        handOver(known.list());
    }

    private void handOver(List<Backend> backends) {
        if (!backends.equals(handedOver)) {
            sink.discovered(backends);
            // Afterwards: a sink that fails is told again.
            handedOver = backends;
        }
    }

    private void say(Answer answer) {
        if (answer.backends().isEmpty()) {
            condition.wrong("empty", what + " answered without a backend, and empty answers count");
        } else {
            condition.fine(what + " works again, " + count(answer.backends()));
        }
        if (answer.duplicates().isEmpty()) {
            duplicates.fine(what + " answers without duplicates again");
        } else {
            duplicates.wrong(
                    "duplicates",
                    what + " answered " + OneLine.of(answer.duplicates())
                            + " with the id or the address of an earlier backend; left out");
        }
    }

    private String kept() {
        List<Backend> backends = known.list();
        return backends.isEmpty() ? "no backend is known yet" : "kept the last good list, " + count(backends);
    }

    private static String count(List<Backend> backends) {
        return backends.size() + (backends.size() == 1 ? " backend" : " backends");
    }

    private void planNext(long delayNanos) {
        long current = ++plan;
        plannedAt = now() + delayNanos;
        control.later(
                () -> {
                    if (current == plan) {
                        begin();
                    }
                },
                delayNanos);
    }

    private long jittered(long interval) {
        return interval + (long) (interval * JITTER * (2 * platform.random().nextDouble() - 1));
    }

    private long now() {
        return platform.nanoClock().getAsLong();
    }
}
