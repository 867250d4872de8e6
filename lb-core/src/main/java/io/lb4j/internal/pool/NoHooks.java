package io.lb4j.internal.pool;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.proxy.Route;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Nothing follows from anything: a pool on its own. */
public class NoHooks implements PoolHooks {
    @Override
    public void added(List<? extends CheckedBackend> backends, Health initial) {}

    @Override
    public void removed(CheckedBackend backend) {}

    @Override
    public void doubted(CheckedBackend backend) {}

    @Override
    public void giveUpAttempts(Route backend) {}

    @Override
    public CompletionStage<Integer> abort(Route backend, CloseReason reason) {
        return CompletableFuture.completedFuture(0);
    }
}
