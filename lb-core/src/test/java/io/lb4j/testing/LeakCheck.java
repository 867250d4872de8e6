package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.internal.util.Polling;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After every test: no thread of a balancer is left, which also means that no loop and none of its sockets is. */
public final class LeakCheck implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(threadsLeft()).isEmpty();
    }

    /** Those that have not ended some seconds after the balancer has: some do so a moment after {@code close()}. */
    public static List<String> threadsLeft() {
        try {
            Polling.await(() -> balancerThreads().isEmpty(), Duration.ofSeconds(8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return balancerThreads();
    }

    /** The names of all threads that belong to a balancer. */
    public static List<String> balancerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("lb-"))
                .sorted()
                .toList();
    }
}
