package io.lb4j.internal.health;

import io.lb4j.internal.util.FewThreads;
import java.util.concurrent.Future;

/**
 * What one pool has of the health threads of a balancer. Thread-safe.
 *
 * <p>Each may have as many threads as its policy says, and there may be as many as all of them may have together: with any
 * fewer, checks of one pool that do not return would keep those of another one waiting. There are no more than needed,
 * however many there may be.
 */
public final class SharedCheckThreads implements CheckThreads {
    private final FewThreads threads;

    // Guarded by this.
    private int limit;
    private int out;
    private boolean closed;

    public SharedCheckThreads(FewThreads threads) {
        this.threads = threads;
    }

    @Override
    public synchronized void limit(int most) {
        if (!closed) {
            threads.grow(most - limit);
            limit = most;
        }
    }

    @Override
    public Future<?> begin(Runnable check) {
        return threads.begin(() -> make(check));
    }

    private void make(Runnable check) {
        synchronized (this) {
            if (closed) {
                return;
            }
            out++;
        }
        try {
            check.run();
        } finally {
            back();
        }
    }

    private synchronized void back() {
        out--;
        if (closed) {
            threads.grow(-1);
        }
    }

    @Override
    public void result(Runnable result) {
        threads.result(result);
    }

    @Override
    public void audit() {
        threads.audit();
    }

    /** Leaves the others what it has, but for threads whose checks have not returned: those have it until then. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            threads.grow(out - limit);
        }
    }
}
