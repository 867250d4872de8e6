package io.lb4j.event;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.slf4j.LoggerFactory;

/** Hands calls on through an executor; see {@link LoadBalancerListener#async}. Thread-safe. */
public final class AsyncListener implements LoadBalancerListener {
    /*
     * A call is counted in `waiting`, and then it is in the queue or, where there was no memory for that, in `lost`.
     * Whoever counts from 0 to 1 sees to a task, and only that task counts down: so there is one task at a time, and
     * never none while calls wait. Nothing between the count and the end of `put` can fail.
     */
    /** How many calls wait at most. */
    public static final int CAPACITY = 16_384;

    /** One task of the executor makes at most this many calls, so that others get their turn of its threads. */
    private static final int BATCH = 256;

    private static final Object NOTHING = new Object();

    private record Call<E>(E event, BiConsumer<LoadBalancerListener, E> method) {
        void make(LoadBalancerListener listener) {
            method.accept(listener, event);
        }
    }

    private final LoadBalancerListener listener;
    private final Executor executor;
    private final Queue<Call<?>> calls;
    private final Runnable task = this::makeCalls;
    private final RateLimitedLog log = new RateLimitedLog(
            new NamedLog(LoggerFactory.getLogger(AsyncListener.class), "async listener"), System::nanoTime);

    private final AtomicInteger waiting = new AtomicInteger();

    /** Calls that are counted and will never be in the queue. */
    private final AtomicInteger lost = new AtomicInteger();

    private final AtomicLong dropped = new AtomicLong();

    AsyncListener(LoadBalancerListener listener, Executor executor) {
        this(listener, executor, new ConcurrentLinkedQueue<>());
    }

    @SuppressWarnings("unchecked")
    AsyncListener(LoadBalancerListener listener, Executor executor, Queue<?> calls) {
        this.listener = Checks.notNull("listener", listener);
        this.executor = Checks.notNull("executor", executor);
        this.calls = (Queue<Call<?>>) calls;
    }

    /** Calls that were not handed on: too many waited, the executor rejected them, or there was no memory for them. */
    public long dropped() {
        return dropped.get();
    }

    private <E> void later(E event, BiConsumer<LoadBalancerListener, E> method) {
        int before = waiting.get();
        while (before < CAPACITY && !waiting.compareAndSet(before, before + 1)) {
            before = waiting.get();
        }
        if (before >= CAPACITY) {
            dropped.incrementAndGet();
            return;
        }
        put(event, method);
        if (before == 0) {
            submit();
        }
    }

    private <E> void put(E event, BiConsumer<LoadBalancerListener, E> method) {
        try {
            calls.add(new Call<>(event, method));
        } catch (Throwable noMemory) {
            lost.incrementAndGet();
        }
    }

    private void submit() {
        try {
            executor.execute(task);
        } catch (Throwable rejected) {
            dropAll();
        }
    }

    private void makeCalls() {
        int made = 0;
        int left = 1;
        while (left > 0 && made < BATCH) {
            Call<?> call = calls.poll();
            if (call != null) {
                make(call);
                made++;
                left = waiting.decrementAndGet();
            } else {
                left = dropLost();
            }
        }
        if (left > 0) {
            submit();
        }
    }

    private void make(Call<?> call) {
        try {
            call.make(listener);
        } catch (Throwable failure) {
            log.warn("listener", "failed", failure);
        }
    }

    private void dropAll() {
        int left = waiting.get();
        while (left > 0) {
            if (calls.poll() != null) {
                dropped.incrementAndGet();
                left = waiting.decrementAndGet();
            } else {
                left = dropLost();
            }
        }
    }

    /** The queue is empty though calls are counted: one got lost, or is just being put there. Returns how many are left. */
    private int dropLost() {
        if (lost.get() == 0) {
            Thread.onSpinWait();
            return waiting.get();
        }
        lost.decrementAndGet();
        dropped.incrementAndGet();
        return waiting.decrementAndGet();
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        later(event, LoadBalancerListener::connectionAccepted);
    }

    @Override
    public void backendSelected(BackendSelected event) {
        later(event, LoadBalancerListener::backendSelected);
    }

    @Override
    public void connectAttemptFailed(ConnectAttemptFailed event) {
        later(event, LoadBalancerListener::connectAttemptFailed);
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        later(event, LoadBalancerListener::connectionOpened);
    }

    @Override
    public void connectionHalfClosed(ConnectionHalfClosed event) {
        later(event, LoadBalancerListener::connectionHalfClosed);
    }

    @Override
    public void connectionRefused(ConnectionRefused event) {
        later(event, LoadBalancerListener::connectionRefused);
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        later(summary, LoadBalancerListener::connectionClosed);
    }

    @Override
    public void acceptPaused(AcceptPaused event) {
        later(event, LoadBalancerListener::acceptPaused);
    }

    @Override
    public void acceptResumed() {
        later(NOTHING, (to, nothing) -> to.acceptResumed());
    }

    @Override
    public void backendAdded(Backend backend) {
        later(backend, LoadBalancerListener::backendAdded);
    }

    @Override
    public void backendRemoved(Backend backend) {
        later(backend, LoadBalancerListener::backendRemoved);
    }

    @Override
    public void backendStatusChanged(BackendStatusChanged event) {
        later(event, LoadBalancerListener::backendStatusChanged);
    }

    @Override
    public void healthCheckEnded(HealthCheckEnded event) {
        later(event, LoadBalancerListener::healthCheckEnded);
    }

    @Override
    public void drainBegan(DrainBegan event) {
        later(event, LoadBalancerListener::drainBegan);
    }

    @Override
    public void drainEnded(DrainEnded event) {
        later(event, LoadBalancerListener::drainEnded);
    }

    @Override
    public void reconfigured() {
        later(NOTHING, (to, nothing) -> to.reconfigured());
    }
}
