package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Promises for which there is neither a thread nor memory when their result comes. */
class OwedPromisesTest {
    /** To say what happened takes memory, which is there after so many tries. */
    private static final class Unspeakable extends CancellationException {
        private static final long serialVersionUID = 1;

        private int left;

        Unspeakable(int failures) {
            left = failures;
        }

        @Override
        public String toString() {
            if (left > 0) {
                left--;
                throw new OutOfMemoryError("injected");
            }
            return "at last";
        }
    }

    private static Promises promises(ThreadFactory threads) {
        Platform system = Platform.system();
        return new Promises(
                "owed", new Platform(system.sockets(), system.nanoClock(), system.random(), threads, system.workers()));
    }

    private static Thread none(Runnable body) {
        throw new OutOfMemoryError("injected");
    }

    @Test
    void promise_withoutThreadAndMemory_isKeptWhenThereIsMemoryAgain() {
        Promises promises = promises(OwedPromisesTest::none);
        CompletableFuture<String> result = new CompletableFuture<>();
        CompletableFuture<String> promise = promises.of(result);
        CompletableFuture<String> other = promises.of(result);
        result.completeExceptionally(new Unspeakable(2 * Promises.MOST_TRIES + 6));
        for (int i = 0; i < 3; i++) {
            assertThat(promise.isDone() || other.isDone()).isFalse();
            promises.keepOwed();
        }
        promises.keepOwed();
        assertThatThrownBy(promise::join)
                .isInstanceOf(CompletionException.class)
                .hasMessage("at last");
        assertThatThrownBy(other::join).isInstanceOf(CompletionException.class).hasMessage("at last");
    }

    @Test
    void promise_withAThread_isTriedUntilItIsKept() throws Exception {
        Promises promises = promises(Thread::new);
        CompletableFuture<String> result = new CompletableFuture<>();
        CompletableFuture<String> promise = promises.of(result);
        result.completeExceptionally(new Unspeakable(Promises.MOST_TRIES + 5));
        promises.awaitKept(System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        assertThat(promise).isCompletedExceptionally();
    }
}
