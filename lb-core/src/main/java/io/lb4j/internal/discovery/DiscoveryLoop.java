package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Asks one discovery again and again, and when it says that something changed, and tells the sink when the list has
 * changed: decides on the control thread, asks on a worker thread of its own. {@link #start}, {@link #refresh} and
 * {@link #close} can be called from any thread.
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
     *
     * What a source tells is that it should be asked, never a list: all lists come one way and one after another, so that
     * none that is older overtakes one that is newer. Its guest may tell it a million times a second and from any thread:
     * until the next call begins (`changed`) all of it is one, and calls begin PAUSE apart.
     *
     * Each step can fail for want of memory, that of passing the matter on included. So what is still to be done stands
     * in plain fields before it is tried: when the next call is due (`nextCallAt`), that one is wanted (`wanted`), since
     * when one is out (`askedAt`), a change that was told of (`changed`), an answer not yet handed over (`owed`). The
     * audit takes the step that got lost.
     */
    /** Calls are spread by up to this part of the interval, so that balancers that started together drift apart. */
    private static final double JITTER = 0.05;

    /** From the begin of one call to that of one for a change: a source that tells of many costs ten calls a second. */
    static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final DiscoveryPolicy policy;
    private final DiscoverySink sink;
    private final Scheduler control;
    private final Platform platform;
    private final DiscoveryWorker worker;
    private final KnownBackends known;
    private final DiscoveryLog log;

    private volatile @Nullable DiscoveryCall call;
    private volatile boolean closed;
    private volatile boolean changed;
    private boolean begun;
    private boolean wanted;
    private long plan;
    private long nextCallAt;
    private long askedAt;
    private @Nullable Answer owed;
    private @Nullable List<Backend> handedOver;

    /** The control thread is the balancer's; whoever made it ends it. */
    public DiscoveryLoop(
            String name,
            BackendDiscovery discovery,
            DiscoveryPolicy policy,
            DiscoverySink sink,
            Scheduler control,
            Platform platform) {
        this.policy = policy;
        this.sink = sink;
        this.control = control;
        this.platform = platform;
        worker = new DiscoveryWorker(
                discovery, this::changed, platform.workers().pool(Names.thread(name, "discovery"), 1));
        known = new KnownBackends(policy.vanishedAfter().toNanos());
        log = new DiscoveryLog(
                new NamedLog(LoggerFactory.getLogger(DiscoveryLoop.class), name),
                platform.nanoClock(),
                "discovery " + OneLine.of(discovery));
        control.audit(this::audit);
    }

    /** The discovery threads of this balancer, for all its pools. */
    public static FewThreads threads(String name, Scheduler control, Platform platform) {
        ExecutorService threads = platform.workers().pool(Names.thread(name, "discovery"), Platform.Workers.UNBOUNDED);
        NamedLog log = new NamedLog(LoggerFactory.getLogger(DiscoveryLoop.class), name);
        return new FewThreads(threads, control, new RateLimitedLog(log, platform.nanoClock()));
    }

    /** Asks for the first time, at once. */
    public void start() {
        refresh();
    }

    /** Asks now instead of when it is due. During a call: once more when that is back. */
    public void refresh() {
        control.execute(this::begin);
    }

    /** What the source runs, from any thread. Returns at once and never throws. */
    private void changed() {
        if (changed || closed) {
            return;
        }
        // First: where the next line finds no memory, the audit finds this.
        changed = true;
        try {
            control.execute(this::heed);
        } catch (Throwable noMemory) {
            // The audit heeds it.
        }
    }

    /**
     * Asks no more, interrupts a call that runs, and has the watch closed behind it. Does not wait; the sink may be being
     * told at this moment.
     */
    public void close() {
        closed = true;
        worker.end(call, log::notClosed);
    }

    /** Waits for the worker thread to end, at most this long; not at all on that thread. */
    public void awaitClosed(long nanos) throws InterruptedException {
        worker.awaitEnd(call, nanos);
    }

    // ---- on the control thread

    /**
     * Takes the step that got lost, if one did. Called about once a second by the control thread itself. Allocates nothing
     * while all is well. Throws what the step throws; the next call goes on.
     */
    void audit() {
        if (closed || !begun) {
            return;
        }
        log.sayWhatIsDue();
        DiscoveryCall current = call;
        if (current != null && isOverdue(current)) {
            overdue(current);
        } else if (current != null && current.isBack() && !current.isSettled()) {
            returned(current);
        } else if (now() - nextCallAt >= 0 || (wanted && (current == null || current.isBack()))) {
            begin();
        } else if (owed != null) {
            answered(owed);
        } else if (changed) {
            heed();
        }
    }

    /** A change that was told of: asks now, or at the end of the pause. A call that is out may have come too early for it. */
    private void heed() {
        if (closed || !changed || wanted) {
            return;
        }
        long pause = askedAt + PAUSE - now();
        if (pause <= 0) {
            begin();
        } else if (pause < nextCallAt - now()) {
            planNext(pause);
        }
    }

    private boolean isOverdue(DiscoveryCall asked) {
        boolean isLate = now() - askedAt >= policy.timeout().toNanos();
        return isLate && !asked.isBack() && !(asked.isSettled() && asked.hadThread());
    }

    private void overdue(DiscoveryCall late) {
        timeout(late);
        if (!late.hadThread()) {
            // The thread that was to take it is gone; the next call has one made. Interrupted, it asks nothing.
            late.abandon(null);
        }
    }

    private void begin() {
        if (closed) {
            return;
        }
        begun = true;
        wanted = true;
        planNext(jittered(policy.interval().toNanos()));
        DiscoveryCall before = call;
        if (before != null && !before.isBack()) {
            return;
        }
        if (before != null) {
            outcome(before);
        }
        DiscoveryCall next = new DiscoveryCall(worker, sink::admitted, back -> control.execute(() -> returned(back)));
        wanted = false;
        // Before it asks: what is told from here on may not be in its answer.
        changed = false;
        ask(next);
    }

    private void ask(DiscoveryCall next) {
        askedAt = now();
        call = next;
        if (closed) {
            // Whoever closed it did not see this call.
            return;
        }
        try {
            control.later(() -> timeout(next), policy.timeout().toNanos());
            worker.execute(next);
        } catch (Throwable noThread) {
            next.abandon(noThread);
            returned(next);
        }
    }

    private void returned(DiscoveryCall back) {
        if (closed) {
            return;
        }
        try {
            outcome(back);
        } finally {
            if (wanted && back == call) {
                begin();
            }
        }
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
            log.failed("timed out after " + policy.timeout().toMillis() + " ms", known.list());
        }
    }

    private void outcome(DiscoveryCall back) {
        if (!back.settle()) {
            return;
        }
        log.watched(worker.refusal());
        Answer answer = back.answer();
        if (answer == null) {
            log.failed(back.reason(), known.list());
        } else if (answer.backends().isEmpty() && policy.keepOnEmpty()) {
            log.ignoredEmpty(answer, known.list());
        } else {
            answered(answer);
        }
    }

    private void answered(Answer answer) {
        owed = answer;
        known.answered(answer.backends(), now());
        Long nanosToDrop = known.nanosToDrop(now());
        if (nanosToDrop != null && nanosToDrop < nextCallAt - now()) {
            planNext(nanosToDrop);
        }
        log.answered(answer);
        handOver(known.list());
        owed = null;
    }

    private void handOver(List<Backend> backends) {
        if (!backends.equals(handedOver)) {
            List<String> leftOut = sink.discovered(backends);
            log.taken(backends, leftOut);
            // Afterwards: a sink that fails is told again, and one that left somebody out with the next answer.
            handedOver = leftOut.isEmpty() ? backends : null;
        }
    }

    private void planNext(long delayNanos) {
        long current = ++plan;
        nextCallAt = now() + delayNanos;
        try {
            control.later(
                    () -> {
                        if (current == plan) {
                            begin();
                        }
                    },
                    delayNanos);
        } catch (Throwable noMemory) {
            // The audit sees that time come.
        }
    }

    private long jittered(long interval) {
        return interval + (long) (interval * JITTER * (2 * platform.random().nextDouble() - 1));
    }

    private long now() {
        return platform.nanoClock().getAsLong();
    }
}
