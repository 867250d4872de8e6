package io.lb4j.proxy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A question to every event loop. Each is asked on its own thread; one that has ended has no connection to tell of. */
final class Survey {
    private final Consumer<EventLoop> question;
    private final AtomicInteger left;
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private Survey(Consumer<EventLoop> question, int loops) {
        this.question = question;
        left = new AtomicInteger(loops);
    }

    /** Completes when all of them have answered, on the thread of the last. */
    static CompletableFuture<Void> of(List<EventLoop> loops, Consumer<EventLoop> question) {
        List<EventLoop> asked = List.copyOf(loops);
        Survey survey = new Survey(question, asked.size());
        for (EventLoop loop : asked) {
            loop.ask(survey.new Part(loop));
        }
        if (asked.isEmpty()) {
            survey.over.complete(null);
        }
        return survey.over;
    }

    /** For one loop; runs once, whoever comes first. */
    final class Part implements Runnable {
        private final EventLoop loop;
        private final AtomicBoolean answered = new AtomicBoolean();

        private Part(EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            if (!answered.compareAndSet(false, true)) {
                return;
            }
            try {
                question.accept(loop);
            } finally {
                if (left.decrementAndGet() == 0) {
                    over.complete(null);
                }
            }
        }
    }
}
