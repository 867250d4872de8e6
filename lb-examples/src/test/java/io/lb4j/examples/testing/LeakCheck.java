package io.lb4j.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After every test: no thread of a balancer, a backend or a pool is left. */
public final class LeakCheck implements AfterEachCallback {
    private static final List<String> PREFIXES = List.of("lb-", "HTTP-Dispatcher", "ping-backend", "HikariPool");

    @Override
    public void afterEach(ExtensionContext context) {
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(8))
                .untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> PREFIXES.stream().anyMatch(name::startsWith))
                .sorted()
                .toList();
    }
}
