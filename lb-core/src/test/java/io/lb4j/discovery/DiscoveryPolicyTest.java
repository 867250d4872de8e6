package io.lb4j.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryPolicyTest {
    private final DiscoveryPolicy.Builder builder = DiscoveryPolicy.builder();

    @Test
    void policy_asBuilt_hasTheDefaults() {
        DiscoveryPolicy policy = builder.build();
        assertThat(policy.interval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(policy.keepOnEmpty()).isTrue();
        assertThat(policy.vanishedAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.removeWithin()).isEmpty();
    }

    @Test
    void policy_withEveryPartSet_hasThem() {
        DiscoveryPolicy policy = builder.interval(Duration.ofSeconds(2))
                .timeout(Duration.ofSeconds(1))
                .keepOnEmpty(false)
                .vanishedAfter(Duration.ZERO)
                .removeWithin(Duration.ofMinutes(1))
                .build();
        assertThat(policy)
                .isEqualTo(new DiscoveryPolicy(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(1),
                        false,
                        Duration.ZERO,
                        Optional.of(Duration.ofMinutes(1))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT-0.000000001S", "PT100000H"})
    void durations_notPositiveOrBeyondTenYears_areRefused(Duration wrong) {
        assertThatThrownBy(() -> builder.interval(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("discovery interval: " + wrong + " (expected: > 0 and <= 3650 days)");
        assertThatThrownBy(() -> builder.timeout(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("discovery timeout: " + wrong + " (expected: > 0 and <= 3650 days)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT-0.000000001S", "PT100000H"})
    void vanishedAfterAndRemoveWithin_negativeOrBeyondTenYears_areRefused(Duration wrong) {
        assertThatThrownBy(() -> builder.vanishedAfter(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("vanishedAfter: " + wrong + " (expected: >= 0 and <= 3650 days)");
        assertThatThrownBy(() -> builder.removeWithin(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("removeWithin: " + wrong + " (expected: >= 0 and <= 3650 days)");
    }

    @Test
    void record_madeWithoutTheBuilder_isCheckedAsWell() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new DiscoveryPolicy(Duration.ZERO, second, true, second, Optional.empty()))
                .hasMessageStartingWith("discovery interval: PT0S");
        assertThatThrownBy(() -> new DiscoveryPolicy(second, Duration.ZERO, true, second, Optional.empty()))
                .hasMessageStartingWith("discovery timeout: PT0S");
        assertThatThrownBy(() -> new DiscoveryPolicy(second, second, true, Duration.ofSeconds(-1), Optional.empty()))
                .hasMessageStartingWith("vanishedAfter: PT-1S");
        Optional<Duration> negative = Optional.of(Duration.ofSeconds(-1));
        assertThatThrownBy(() -> new DiscoveryPolicy(second, second, true, second, negative))
                .hasMessageStartingWith("removeWithin: PT-1S");
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_isRefusedByItsName() {
        assertThatThrownBy(() -> builder.interval(null)).hasMessage("discovery interval: null (expected: a value)");
        assertThatThrownBy(() -> builder.vanishedAfter(null)).hasMessage("vanishedAfter: null (expected: a value)");
    }
}
