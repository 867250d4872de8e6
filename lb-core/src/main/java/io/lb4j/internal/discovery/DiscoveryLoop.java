package io.lb4j.internal.discovery;

import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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
     * come back.
     *
     * Only a good answer changes the list. A backend that answers lack is dropped by an answer, never by silence: when
     * it has been missing for long enough, the next call begins at that moment.
     *
     * What a source tells is that it should be asked, never a list: all lists come one way and one after another, so that
     * none that is older overtakes one that is newer. Its guest may tell it a million times a second and from any thread:
     * until the next call begins (`changed`) all of it is one, and calls begin PAUSE apart.
     *
     * Each step can fail for want of memory, that of passing the matter on included. So what is still to be done stands
     * in plain fields before it is tried: when the next call is due (`nextCall`), that one is wanted (`wanted`), since
     * when one is out (`askedAt`), a change that was told of (`changed`), an answer not yet handed over (in `delivery`). The
     * audit takes the step that got lost.
     */
    /** From the begin of one call to that of one for a change: a source that tells of many costs ten calls a second. */
    static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final DiscoveryPolicy policy;
    private final DiscoverySink sink;
    private final Scheduler control;
    private final Platform platform;
    private final DiscoveryWorker worker;
    private final DiscoveryLog log;
    private final NextCall nextCall;
    private final Delivery delivery;

    private volatile @Nullable DiscoveryCall call;
    private volatile boolean closed;
    private volatile boolean changed;
    private boolean begun;
    private boolean wanted;
    private long askedAt;

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
        log = new DiscoveryLog(name, platform.nanoClock(), "discovery " + OneLine.of(discovery));
        nextCall = new NextCall(control, platform, this::begin);
        delivery = new Delivery(policy, sink, log, nextCall, platform.nanoClock());
        control.audit(this::audit);
    }

    /** The discovery threads of this balancer, for all its pools. */
    public static FewThreads threads(String name, Scheduler control, Platform platform) {
        ExecutorService threads = platform.workers().pool(Names.thread(name, "discovery"), Platform.Workers.UNBOUNDED);
        return new FewThreads(threads, control, new RateLimitedLog(DiscoveryLog.lines(name), platform.nanoClock()));
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
        } else if (nextCall.isDue() || (wanted && (current == null || current.isBack()))) {
            begin();
        } else if (delivery.isOwed()) {
            delivery.deliverOwed();
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
        } else {
            nextCall.noLaterThanIn(pause);
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
        nextCall.after(policy.interval());
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
            delivery.failed("timed out after " + policy.timeout().toMillis() + " ms");
        }
    }

    private void outcome(DiscoveryCall back) {
        if (back.settle()) {
            log.watched(worker.refusal());
            delivery.returned(back);
        }
    }

    private long now() {
        return platform.nanoClock().getAsLong();
    }
}
