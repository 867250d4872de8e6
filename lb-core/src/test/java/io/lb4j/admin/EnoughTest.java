package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.CheckAnswer;
import io.lb4j.health.HealthChecker;
import io.lb4j.health.NoneHealthy;
import io.lb4j.testing.Resources;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether {@code /health} says what becomes of a new connection. */
class EnoughTest {
    @RegisterExtension
    final Resources resources = new Resources();

    /** One of two is UP. */
    @ParameterizedTest
    @CsvSource({
        "CLOSE, 1, 200, true",
        "CLOSE, 2, 503, false",
        "STOP_LISTENING, 1, 200, true",
        "STOP_LISTENING, 2, 503, false",
        "TRY_ALL, 2, 200, false"
    })
    void health_withFewerUpThanHaveToBe_dependsOnWhatHappensThen(
            NoneHealthy choice, int minimum, String status, boolean areEnough) {
        LoadBalancer lb = start(
                (backend, timeout) -> {
                    if (backend.id().equals("b")) {
                        throw new IOException("not well");
                    }
                },
                choice,
                minimum);
        await().until(() -> lb.backends().get("b").status() == BackendStatus.DOWN);
        AdminServer admin =
                resources.add(AdminServer.builder(lb).listen("127.0.0.1", 0).start());
        await().untilAsserted(() -> assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 " + status));
        assertThat(lb.backends().areEnough()).isEqualTo(areEnough);
    }

    @Test
    void health_allAreUpAndWantNothing_isNotHealthy() {
        LoadBalancer lb = start(
                HealthChecker.answering((backend, timeout) -> CheckAnswer.weight(0)), NoneHealthy.STOP_LISTENING, 1);
        await().until(() -> !lb.isListening());
        AdminServer admin =
                resources.add(AdminServer.builder(lb).listen("127.0.0.1", 0).start());
        assertThat(lb.backends().get("a").status()).isEqualTo(BackendStatus.UP);
        assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 503");
    }

    private LoadBalancer start(HealthChecker checker, NoneHealthy choice, int minimum) {
        return resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend(Backend.of("127.0.0.1", 1).withId("a"))
                .backend(Backend.of("127.0.0.1", 2).withId("b"))
                .healthCheck(check -> check.checker(checker).interval(Duration.ofMillis(20)))
                .whenNoneHealthy(choice)
                .minimumHealthy(minimum)
                .start());
    }
}
