package io.lb4j.internal.pool;

import io.lb4j.proxy.DrainResult;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A backend on its way out: how many connections it had, and what became of them. Thread-safe. */
final class Drain {
    private final CompletableFuture<DrainResult> result = new CompletableFuture<>();
    private final String backend;
    private final int connections;

    /** Link of the list of those that were called off, which {@link Administration} owns. */
    @Nullable
    Drain next;

    private int aborted;
    private int abortsUnderWay;
    private boolean isIdle;
    private boolean wasIdleAtAudit;
    private boolean hasLimit;
    private long limit;

    /** @param connections how many there were when the drain began */
    Drain(String backend, int connections) {
        this.backend = backend;
        this.connections = connections;
        isIdle = connections == 0;
    }

    /** What depends on it must not be a user's: it would run wherever a drain ends. */
    CompletableFuture<DrainResult> result() {
        return result;
    }

    /** How many there were when it began. */
    int connections() {
        return connections;
    }

    synchronized void abortBegins() {
        abortsUnderWay++;
    }

    synchronized void abortEnded(int count) {
        abortsUnderWay--;
        aborted += count;
    }

    synchronized void idle() {
        isIdle = true;
    }

    /**
     * There is no connection, as an audit has seen. The second one that does waits no longer for those that were told to
     * abort: whoever has not answered by then could not say so.
     */
    synchronized void idleAtAudit() {
        abortsUnderWay = wasIdleAtAudit ? 0 : abortsUnderWay;
        wasIdleAtAudit = true;
        isIdle = true;
    }

    /** When its connections are to be aborted, as a time of the nano clock; the earliest one told counts. */
    synchronized void limit(long at) {
        limit = hasLimit && limit - at < 0 ? limit : at;
        hasLimit = true;
    }

    /** As of {@link #limit(long)}; null when it has all the time. */
    synchronized @Nullable Long limit() {
        return hasLimit ? limit : null;
    }

    synchronized boolean isOverdue(long now) {
        return hasLimit && now - limit >= 0;
    }

    void completeIfOver() {
        DrainResult over = outcome(false);
        if (over != null) {
            result.complete(over);
        }
    }

    /** The balancer ends: what was not over by then is called off. */
    void end(boolean noConnectionIsLeft) {
        DrainResult over = outcome(noConnectionIsLeft);
        if (over != null) {
            result.complete(over);
        }
        callOff();
    }

    private synchronized @Nullable DrainResult outcome(boolean inAnyCase) {
        return inAnyCase || (isIdle && abortsUnderWay == 0)
                ? new DrainResult(Math.max(0, connections - aborted), aborted)
                : null;
    }

    /** Unless it is over. */
    void callOff() {
        result.completeExceptionally(new CancellationException("the drain of backend " + backend + " was called off"));
    }
}
