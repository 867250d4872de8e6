package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After every test: no thread of a balancer is left, which also means that no loop and none of its sockets is. */
public final class LeakCheck implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(8))
                .untilAsserted(() -> assertThat(balancerThreads()).isEmpty());
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
