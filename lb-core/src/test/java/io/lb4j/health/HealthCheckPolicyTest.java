package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthCheckPolicyTest {
    private final HealthCheckPolicy.Builder builder = HealthCheckPolicy.builder();

    @ParameterizedTest
    @CsvSource({"PT30S, PT5S", "PT5S, PT5S", "PT2S, PT2S", "PT1S, PT1S", "PT0.01S, PT1S"})
    void timeout_notSet_isTheIntervalWithinOneToFiveSeconds(Duration interval, Duration timeout) {
        assertThat(HealthCheckPolicy.builder().interval(interval).build().timeout())
                .isEqualTo(timeout);
        assertThat(HealthCheckPolicy.builder()
                        .interval(interval)
                        .timeout(Duration.ofMillis(3))
                        .build()
                        .timeout())
                .isEqualTo(Duration.ofMillis(3));
    }

    @Test
    void policy_asBuilt_hasTheDefaults() {
        HealthCheckPolicy policy = builder.build();
        assertThat(policy.interval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(policy.healthyAfter()).isEqualTo(1);
        assertThat(policy.unhealthyAfter()).isEqualTo(2);
        assertThat(policy.checker()).hasToString("tcpConnect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT-0.000000001S", "PT100000H", "PT2562047788015215H30M7S"})
    void durations_notPositiveOrBeyondTenYears_areRefused(Duration wrong) {
        assertThatThrownBy(() -> builder.interval(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("health check interval: " + wrong + " (expected: > 0 and <= 3650 days)");
        assertThatThrownBy(() -> builder.timeout(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("health check timeout: " + wrong + " (expected: > 0 and <= 3650 days)");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 101})
    void counts_outOfRange_areRefused(int wrong) {
        assertThatThrownBy(() -> builder.healthyAfter(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("healthyAfter: " + wrong + " (expected: 1..100)");
        assertThatThrownBy(() -> builder.unhealthyAfter(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unhealthyAfter: " + wrong + " (expected: 1..100)");
    }

    @Test
    void record_madeWithoutTheBuilder_isCheckedAsWell() {
        assertThatThrownBy(() -> policy(Duration.ZERO, 1, 5)).hasMessageStartingWith("health check interval: PT0S");
        assertThatThrownBy(() -> policy(Duration.ofSeconds(1), 0, 5)).hasMessageStartingWith("healthyAfter: 0");
        assertThatThrownBy(() -> policy(Duration.ofSeconds(1), 1, 51)).hasMessageStartingWith("jitterPercent: 51");
    }

    private static HealthCheckPolicy policy(Duration interval, int healthyAfter, int jitterPercent) {
        return new HealthCheckPolicy(
                HealthChecker.tcpConnect(),
                interval,
                Duration.ofSeconds(1),
                healthyAfter,
                1,
                Optional.empty(),
                Optional.empty(),
                jitterPercent,
                false,
                Optional.empty(),
                UnaryOperator.identity(),
                64);
    }

    @Test
    void furtherSettings_outOfRange_areRefused() {
        assertThatThrownBy(() -> builder.jitterPercent(51)).hasMessage("jitterPercent: 51 (expected: 0..50)");
        assertThatThrownBy(() -> builder.concurrency(0)).hasMessage("concurrency: 0 (expected: 1..10000)");
        assertThatThrownBy(() -> builder.intervalWhileDown(Duration.ZERO)).hasMessageStartingWith("intervalWhileDown");
        assertThatThrownBy(() -> builder.intervalInTransition(Duration.ZERO))
                .hasMessageStartingWith("intervalInTransition");
        assertThatThrownBy(() -> builder.awaitFirstChecks(Duration.ZERO)).hasMessageStartingWith("awaitFirstChecks");
    }

    @Test
    void fast_isTwoSecondsThreeFailuresTwoSuccesses() {
        HealthCheckPolicy fast = HealthCheckPolicy.fast().build();
        assertThat(fast.interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(fast.timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(fast.unhealthyAfter()).isEqualTo(3);
        assertThat(fast.healthyAfter()).isEqualTo(2);
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_isRefusedByItsName() {
        assertThatThrownBy(() -> builder.checker(null)).hasMessage("checker: null (expected: a value)");
        assertThatThrownBy(() -> builder.interval(null)).hasMessage("health check interval: null (expected: a value)");
    }

    @Test
    void builder_afterARefusal_keepsWhatItHad() {
        builder.interval(Duration.ofSeconds(2)).interval(Duration.ofSeconds(3));
        assertThatThrownBy(() -> builder.interval(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThat(builder.build().interval()).isEqualTo(Duration.ofSeconds(3));
    }
}
