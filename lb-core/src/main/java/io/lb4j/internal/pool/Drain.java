package io.lb4j.internal.pool;

import io.lb4j.proxy.DrainResult;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A backend on its way out: how many connections it had, and what became of them. Confined to the control thread. */
final class Drain {
    private final CompletableFuture<DrainResult> result = new CompletableFuture<>();
    private final int connections;
    private int aborted;
    private int abortsUnderWay;
    private boolean isIdle;

    /** @param connections how many there were when the drain began */
    Drain(int connections) {
        this.connections = connections;
        isIdle = connections == 0;
    }

    /** For whoever began it: nobody but this class can complete it. */
    CompletionStage<DrainResult> result() {
        return result.copy();
    }

    void abortBegins() {
        abortsUnderWay++;
    }

    void abortEnded(int count) {
        abortsUnderWay--;
        aborted += count;
        completeIfOver();
    }

    void idle() {
        isIdle = true;
        completeIfOver();
    }

    void completeIfOver() {
        if (isIdle && abortsUnderWay == 0) {
            result.complete(new DrainResult(Math.max(0, connections - aborted), aborted));
        }
    }

    void callOff(String backend) {
        result.completeExceptionally(new CancellationException("the drain of backend " + backend + " was called off"));
    }
}
