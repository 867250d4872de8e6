package io.lb4j.event;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands calls on through an executor; see {@link LoadBalancerListener#async}. Thread-safe. */
public final class AsyncListener implements LoadBalancerListener {
    /** How many calls wait at most. */
    public static final int CAPACITY = 16_384;

    /** One task of the executor makes at most this many calls, so that others get their turn of its threads. */
    private static final int BATCH = 256;

    private static final Logger LOG = LoggerFactory.getLogger(AsyncListener.class);

    private final LoadBalancerListener listener;
    private final Executor executor;
    private final Queue<Consumer<LoadBalancerListener>> calls = new ConcurrentLinkedQueue<>();

    /** Calls that wait or are being made. From 0 to 1 is who sees to a task; only that task makes it 0 again. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final AtomicLong dropped = new AtomicLong();

    AsyncListener(LoadBalancerListener listener, Executor executor) {
        this.listener = Checks.notNull("listener", listener);
        this.executor = Checks.notNull("executor", executor);
    }

    /** Calls that were not handed on, because too many waited or the executor rejected them. */
    public long dropped() {
        return dropped.get();
    }

    private void later(Consumer<LoadBalancerListener> call) {
        int before = waiting.getAndUpdate(count -> count < CAPACITY ? count + 1 : count);
        if (before >= CAPACITY) {
            dropped.incrementAndGet();
            return;
        }
        calls.add(call);
        if (before == 0) {
            submit();
        }
    }

    private void submit() {
        try {
            executor.execute(this::makeCalls);
        } catch (RuntimeException | Error rejected) {
            dropAll();
        }
    }

    private void makeCalls() {
        int made = 0;
        int left = 1;
        while (left > 0 && made < BATCH) {
            Consumer<LoadBalancerListener> call = calls.poll();
            if (call == null) {
                // Counted already, and about to be added.
                Thread.onSpinWait();
                continue;
            }
            make(call);
            made++;
            left = waiting.decrementAndGet();
        }
        if (left > 0) {
            submit();
        }
    }

    private void make(Consumer<LoadBalancerListener> call) {
        try {
            call.accept(listener);
        } catch (Throwable failure) {
            LOG.warn("listener failed", failure);
        }
    }

    private void dropAll() {
        int left = waiting.get();
        while (left > 0) {
            if (calls.poll() != null) {
                dropped.incrementAndGet();
                left = waiting.decrementAndGet();
            } else {
                Thread.onSpinWait();
                left = waiting.get();
            }
        }
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        later(to -> to.connectionAccepted(event));
    }

    @Override
    public void backendSelected(BackendSelected event) {
        later(to -> to.backendSelected(event));
    }

    @Override
    public void connectAttemptFailed(ConnectAttemptFailed event) {
        later(to -> to.connectAttemptFailed(event));
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        later(to -> to.connectionOpened(event));
    }

    @Override
    public void connectionHalfClosed(ConnectionHalfClosed event) {
        later(to -> to.connectionHalfClosed(event));
    }

    @Override
    public void connectionRefused(ConnectionRefused event) {
        later(to -> to.connectionRefused(event));
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        later(to -> to.connectionClosed(summary));
    }

    @Override
    public void acceptPaused(AcceptPaused event) {
        later(to -> to.acceptPaused(event));
    }

    @Override
    public void acceptResumed() {
        later(ConnectionListener::acceptResumed);
    }

    @Override
    public void backendAdded(Backend backend) {
        later(to -> to.backendAdded(backend));
    }

    @Override
    public void backendRemoved(Backend backend) {
        later(to -> to.backendRemoved(backend));
    }

    @Override
    public void backendStatusChanged(BackendStatusChanged event) {
        later(to -> to.backendStatusChanged(event));
    }

    @Override
    public void healthCheckEnded(HealthCheckEnded event) {
        later(to -> to.healthCheckEnded(event));
    }

    @Override
    public void drainBegan(DrainBegan event) {
        later(to -> to.drainBegan(event));
    }

    @Override
    public void drainEnded(DrainEnded event) {
        later(to -> to.drainEnded(event));
    }

    @Override
    public void reconfigured() {
        later(LoadBalancerListener::reconfigured);
    }
}
