package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Peer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One check of a backend of this machine, and how it ended. */
final class Checking {
    private static final Duration LONG = Duration.ofMillis(Peer.PATIENCE_MILLIS);

    private Checking() {}

    /** What the check throws, or null when it passes. The time is one that is never waited for. */
    static @Nullable Throwable check(HealthChecker checker, int port) {
        return check(checker, port, LONG);
    }

    static @Nullable Throwable check(HealthChecker checker, int port, Duration timeout) {
        return catchThrowable(() -> checker.check(Backend.of("127.0.0.1", port), timeout));
    }

    static void passes(HealthChecker checker, int port) {
        assertThat(check(checker, port)).isNull();
    }

    static void fails(HealthChecker checker, int port, String message) {
        assertThat(check(checker, port)).hasMessage(message);
    }

    /** Interrupts a check while it waits for an answer, or for the connection. */
    static void endsWhenInterrupted(HealthChecker checker, int port) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> thrown.set(check(checker, port)), "test-check");
        thread.start();
        try {
            await().until(() -> isBlocked(thread));
        } finally {
            thread.interrupt();
            thread.join(Peer.PATIENCE_MILLIS / 2);
        }
        assertThat(thread.isAlive()).isFalse();
        assertThat(thrown.get()).isInstanceOf(ClosedByInterruptException.class);
    }

    private static boolean isBlocked(Thread thread) {
        for (StackTraceElement element : thread.getStackTrace()) {
            if (element.getClassName().equals("sun.nio.ch.Net")
                    && element.getMethodName().equals("poll")) {
                return true;
            }
        }
        return false;
    }
}
