package io.lb4j.proxy;

import io.lb4j.internal.util.Promises;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** How a proxy, or one of its frontends, ends, and how callers wait for that. Thread-safe. */
final class ProxyEnd {
    /** How long a drain waits for the listening sockets to be closed. */
    private static final long PORT_WAIT = TimeUnit.SECONDS.toNanos(1);

    /** How long a close waits for the loops to end. */
    private static final long CLOSE_WAIT = TimeUnit.SECONDS.toNanos(2);

    private final ProxyContext context;
    private final EventLoops loops;
    private final Consumer<DrainResult> onEnd;
    private final Promises promises;
    private final CompletableFuture<DrainResult> ended = new CompletableFuture<>();

    /** @param onEnd is told of the end before anybody else is */
    ProxyEnd(ProxyContext context, EventLoops loops, Promises promises, Consumer<DrainResult> onEnd) {
        this.context = context;
        this.loops = loops;
        this.onEnd = onEnd;
        this.promises = promises;
    }

    /** See {@link TcpProxy#drain(Duration)}. */
    CompletableFuture<DrainResult> drain(long grace) {
        long deadline = context.platform.nanoClock().getAsLong() + grace;
        context.log.info("draining, " + loops.totals().active() + " connections open");
        loops.end(loop -> loop.post(() -> loop.ending().drain(deadline, grace / 3)));
        await(loops.notListening(), PORT_WAIT);
        return promises.of(ended);
    }

    /** The polite end of one frontend. */
    CompletableFuture<DrainResult> drain(Entrance frontend, long grace) {
        long deadline = context.platform.nanoClock().getAsLong() + grace;
        loops.drain(frontend, deadline, grace / 3);
        await(frontend.notListening(), PORT_WAIT);
        return promises.of(frontend.ended());
    }

    void close(Entrance frontend) {
        if (!frontend.ended().isDone()) {
            loops.drain(frontend, context.platform.nanoClock().getAsLong(), 0);
            await(frontend.ended(), CLOSE_WAIT);
        }
    }

    /** See {@link TcpProxy#close}. */
    void close() {
        loops.end(loop -> loop.ending().soon());
        if (!isLoopThread()) {
            awaitThreads();
        }
    }

    boolean isClosed() {
        return ended.isDone();
    }

    /** See {@link TcpProxy#whenClosed}. */
    CompletableFuture<DrainResult> whenClosed() {
        return promises.of(ended);
    }

    /** Returns whether it has ended by then. */
    boolean awaitClosed(long nanos) throws InterruptedException {
        try {
            ended.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Waits for what the loops do, unless it is one of them that asks. */
    private void await(CompletableFuture<?> done, long nanos) {
        boolean runs = loops.threads().stream().anyMatch(Thread::isAlive);
        if (runs && !isLoopThread()) {
            try {
                done.get(nanos, TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException busy) {
                // The loops go on with it; listeners are told when it is done.
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean isLoopThread() {
        return loops.all().stream().anyMatch(EventLoop::isLoopThread);
    }

    private void awaitThreads() {
        long deadline = System.nanoTime() + CLOSE_WAIT;
        try {
            for (Thread thread : loops.threads()) {
                long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                thread.join(Math.max(1, millis));
            }
            promises.awaitKept(deadline);
        } catch (InterruptedException interrupted) {
            // The loops end by themselves; the caller is in a hurry.
            Thread.currentThread().interrupt();
        }
    }

    /** On the last loop. Does not fail. */
    void reached(DrainResult total) {
        try {
            closeContext();
            onEnd.accept(total);
            context.log.info("closed");
        } catch (Throwable exhausted) {
            context.failure("the end", exhausted);
        } finally {
            ended.complete(total);
        }
    }

    private void closeContext() {
        try {
            context.close();
        } catch (Throwable exhausted) {
            // Its threads are idle, and end by themselves.
            context.failure("closing", exhausted);
        }
    }
}
