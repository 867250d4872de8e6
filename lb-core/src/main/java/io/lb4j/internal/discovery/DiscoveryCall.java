package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One call of a discovery, on a worker thread. */
final class DiscoveryCall implements Runnable {
    /*
     * made ──▶ run: on a thread ──▶ back: answer or reason are set, and the control thread is told
     *   └─────────────┴─ interrupt, at the timeout; before run it means that nothing is asked
     *
     * Interrupted through the thread it is on, and not by cancelling a Future: one that is cancelled before it has a
     * thread never runs, and then nobody would learn that the call is over.
     */
    private final DiscoveryWorker worker;
    private final UnaryOperator<Backend> admission;
    private final Consumer<DiscoveryCall> whenBack;
    private final Object lock = new Object();
    private @Nullable Thread thread;
    private boolean hadThread;
    private boolean interrupted;
    private @Nullable Answer answer;
    private @Nullable String reason;
    private volatile boolean back;

    /** Whether its outcome has been dealt with; what comes later is dropped. For the control thread. */
    private boolean settled;

    DiscoveryCall(DiscoveryWorker worker, UnaryOperator<Backend> admission, Consumer<DiscoveryCall> whenBack) {
        this.worker = worker;
        this.admission = admission;
        this.whenBack = whenBack;
    }

    @Override
    public void run() {
        try {
            if (enter()) {
                answer = Answer.of(worker.ask(), admission);
            }
        } catch (Throwable failure) {
            reason = described(failure);
        }
        leave();
        back = true;
        try {
            whenBack.accept(this);
        } catch (Throwable noMemory) {
            // The loop's audit finds that it is back.
        }
    }

    /** It will not be asked: there was no thread for it, or there has been none in all its time. */
    void abandon(@Nullable Throwable noThread) {
        synchronized (lock) {
            interrupted = true;
        }
        reason = noThread == null ? null : described(noThread);
        back = true;
    }

    private static @Nullable String described(Throwable failure) {
        try {
            return OneLine.of(failure);
        } catch (Throwable noMemory) {
            return null;
        }
    }

    private boolean enter() {
        synchronized (lock) {
            thread = Thread.currentThread();
            hadThread = true;
            return !interrupted;
        }
    }

    /** After this no interrupt of ours can hit what the thread does next. */
    private void leave() {
        synchronized (lock) {
            thread = null;
            Thread.interrupted();
        }
    }

    void interrupt() {
        synchronized (lock) {
            interrupted = true;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    boolean isOnThisThread() {
        synchronized (lock) {
            return thread == Thread.currentThread();
        }
    }

    /** Whether a thread has begun with it; not that it is still there. */
    boolean hadThread() {
        synchronized (lock) {
            return hadThread;
        }
    }

    /** Whether the thread has come back. Then there is an answer, or a reason why not. */
    boolean isBack() {
        return back;
    }

    @Nullable
    Answer answer() {
        return answer;
    }

    String reason() {
        return reason == null ? "no answer" : reason;
    }

    boolean isSettled() {
        return settled;
    }

    /** Returns true once: for the first outcome. */
    boolean settle() {
        boolean first = !settled;
        settled = true;
        return first;
    }
}
