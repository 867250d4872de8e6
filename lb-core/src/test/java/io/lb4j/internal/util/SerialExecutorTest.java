package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final List<String> made = new ArrayList<>();
    private boolean refused;
    private final SerialExecutor executor = new SerialExecutor(task -> {
        if (refused) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        threads.add(task);
    });

    @Test
    void tasks_areMadeInTheirOrderOnOneThreadAtATime() {
        executor.execute(() -> made.add("a"));
        executor.execute(() -> {
            made.add("b");
            executor.execute(() -> made.add("d"));
        });
        executor.execute(() -> made.add("c"));
        assertThat(threads).hasSize(1);
        threads.remove().run();
        assertThat(made).containsExactly("a", "b", "c", "d");
        executor.execute(() -> made.add("e"));
        assertThat(threads).hasSize(1);
        threads.remove().run();
        assertThat(made).endsWith("e");
    }

    @Test
    void task_thatThrows_doesNotKeepTheNext() {
        executor.execute(() -> {
            throw new StackOverflowError("on purpose");
        });
        executor.execute(() -> made.add("next"));
        threads.remove().run();
        assertThat(made).containsExactly("next");
    }

    @Test
    void task_withoutAThread_isRefusedAndTheNextTriesAgain() {
        refused = true;
        assertThatThrownBy(() -> executor.execute(() -> made.add("refused"))).isInstanceOf(OutOfMemoryError.class);
        refused = false;
        executor.execute(() -> made.add("next"));
        threads.remove().run();
        assertThat(made).containsExactly("next");
    }

    @Test
    void shutdown_makesWhatThereIsAndForgetsTheRest() throws InterruptedException {
        executor.execute(() -> made.add("before"));
        executor.shutdown();
        executor.execute(() -> made.add("after"));
        assertThat(executor.isShutdown()).isTrue();
        assertThat(executor.isTerminated()).isFalse();
        assertThat(executor.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
        threads.remove().run();
        assertThat(made).containsExactly("before");
        assertThat(executor.isTerminated()).isTrue();
        assertThat(executor.awaitTermination(1, TimeUnit.DAYS)).isTrue();
    }

    @Test
    void shutdownNow_returnsWhatHasNotBegun() {
        executor.execute(() -> made.add("before"));
        assertThat(executor.shutdownNow()).hasSize(1);
        threads.remove().run();
        assertThat(made).isEmpty();
        assertThat(executor.isTerminated()).isTrue();
    }
}
