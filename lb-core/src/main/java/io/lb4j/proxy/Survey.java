package io.lb4j.proxy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A question to every event loop. Each is asked on its own thread; one that has ended has no connection to tell of. */
final class Survey {
    private static final int MOST_TRIES = 100;
    private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(100);

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
            loop.inbox().ask(survey.new Part(loop));
        }
        if (asked.isEmpty()) {
            survey.end();
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
                    end();
                }
            }
        }
    }

    /** Who waits for it does so for ever, if it cannot be told for want of memory: that is tried for a few milliseconds. */
    private void end() {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            try {
                over.complete(null);
                return;
            } catch (Error exhausted) {
                LockSupport.parkNanos(PAUSE);
            }
        }
    }
}
