package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/** Changes a balancer at random, also while nothing of that can succeed; afterwards puts everything back. */
final class Operator implements Runnable {
    private static final Duration GRACE = Duration.ofMillis(50);

    private final LoadBalancer lb;
    private final String[] ids;
    private final int limit;
    private final SplittableRandom chance;
    private final CompletionStage<?>[] promises = new CompletionStage<?>[100_000];
    private int promised;
    private boolean working;

    Operator(LoadBalancer lb, String[] ids, int limit, long seed) {
        this.lb = lb;
        this.ids = ids;
        this.limit = limit;
        chance = new SplittableRandom(seed);
    }

    /** Its thread: works between {@link #begin} and {@link #putBack}. */
    @Override
    public void run() {
        while (true) {
            LockSupport.parkNanos(chance.nextInt(10_000_000));
            change();
        }
    }

    private synchronized void change() {
        if (!working) {
            return;
        }
        try {
            change(ids[chance.nextInt(ids.length)]);
        } catch (Throwable refusedOrOutOfMemory) {
            // Whoever asks is told; what it leaves behind is what the test looks for.
        }
    }

    private void change(String id) {
        switch (chance.nextInt(7)) {
            case 0 -> {
                promises[promised] = lb.backends().drain(id, GRACE);
                promised++;
            }
            case 1 -> lb.backends().undrain(id);
            case 2 -> lb.backends().weight(id, chance.nextInt(1, 10));
            case 3 -> lb.backends().disable(id);
            case 4 -> {
                int connections = chance.nextInt(limit / 2, limit);
                lb.reconfigure(change -> change.limits(limits -> limits.connections(connections)));
            }
            case 5 -> lb.stats();
            default -> lb.backends().list();
        }
    }

    synchronized void begin() {
        working = true;
    }

    /** Does nothing more, and lets every backend have connections again. */
    synchronized void putBack() {
        working = false;
        for (BackendState state : List.copyOf(lb.backends().list())) {
            try {
                lb.backends().enable(state.backend().id());
                lb.backends().weight(state.backend().id(), 1);
            } catch (NoSuchElementException removedByTheDiscovery) {
                // And when it comes back, it comes as a new one.
            }
        }
        lb.reconfigure(change -> change.limits(limits -> limits.connections(limit)));
    }

    /** Drains that were promised an end and have none. */
    synchronized long openPromises() {
        long open = 0;
        for (int i = 0; i < promised; i++) {
            open += promises[i].toCompletableFuture().isDone() ? 0 : 1;
        }
        return open;
    }
}
