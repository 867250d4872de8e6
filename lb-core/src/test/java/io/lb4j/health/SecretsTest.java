package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a check sends may hold a password, and a backend may repeat it: it is in no message. */
class SecretsTest {
    private static final String SECRET = "s3cret";

    @RegisterExtension
    final Resources resources = new Resources();

    static Stream<HealthChecker> checkers() {
        return Stream.of(
                HealthChecker.mqtt().login("lb", SECRET),
                HealthChecker.redis().password(SECRET),
                HealthChecker.redis().login("lb", SECRET),
                HealthChecker.http("/health").header("Authorization", "Bearer " + SECRET));
    }

    @ParameterizedTest
    @MethodSource("checkers")
    void echo_ofWhatWasSent_isInNoMessage(HealthChecker checker) {
        TestBackend echo = resources.add(TestBackend.echoing());
        Throwable failure =
                catchThrowable(() -> checker.check(Backend.of("127.0.0.1", echo.port()), Duration.ofSeconds(20)));
        assertThat(failure).isNotNull();
        assertThat(failure.getMessage()).doesNotContain(SECRET);
        assertThat(checker.toString()).doesNotContain(SECRET);
    }

    /** As much of it as fits, and then silence, or the end. */
    @ParameterizedTest
    @MethodSource("checkers")
    void echo_thatIsCutOff_isInNoMessage(HealthChecker checker) {
        TestBackend echo = resources.add(TestBackend.serving(peer -> {
            peer.send("-ERR unknown command 'AUTH', with args beginning with: '" + SECRET)
                    .fin();
            peer.receiveToEnd();
        }));
        Throwable failure =
                catchThrowable(() -> checker.check(Backend.of("127.0.0.1", echo.port()), Duration.ofSeconds(20)));
        assertThat(failure).isNotNull();
        assertThat(failure.getMessage()).doesNotContain(SECRET);
    }
}
