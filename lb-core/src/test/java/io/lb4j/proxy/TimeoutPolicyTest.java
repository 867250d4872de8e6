package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeoutPolicyTest {
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final Map<String, BiFunction<TimeoutPolicy.Builder, Duration, TimeoutPolicy.Builder>> SETTERS =
            Map.of(
                    "preface", TimeoutPolicy.Builder::preface,
                    "connect", TimeoutPolicy.Builder::connect,
                    "idle", TimeoutPolicy.Builder::idle,
                    "halfClosed", TimeoutPolicy.Builder::halfClosed,
                    "stall", TimeoutPolicy.Builder::stall,
                    "lifetime", TimeoutPolicy.Builder::lifetime);

    @Test
    void policy_asBuilt_hasTheDefaults() {
        assertThat(TimeoutPolicy.builder().build())
                .isEqualTo(new TimeoutPolicy(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Optional.of(Duration.ofHours(1)),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(5),
                        Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT-0.000000001S", "PT87600H0.000000001S", "PT2562047788015215H30M7S"})
    void setters_notPositiveOrBeyondTenYears_areRefusedByTheirNameAndChangeNothing(Duration wrong) {
        SETTERS.forEach((name, setter) -> {
            TimeoutPolicy.Builder builder = TimeoutPolicy.builder();
            assertThatThrownBy(() -> setter.apply(builder, wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("timeouts " + name + ": " + wrong + " (expected: > 0 and <= 3650 days)");
            assertThat(builder.build()).isEqualTo(TimeoutPolicy.builder().build());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.000000001S", "PT87600H"})
    void setters_atTheEndsOfTheRange_areTaken(Duration right) {
        TimeoutPolicy.Builder builder = TimeoutPolicy.builder();
        SETTERS.values().forEach(setter -> setter.apply(builder, right));
        assertThat(builder.build())
                .isEqualTo(new TimeoutPolicy(right, right, Optional.of(right), right, right, Optional.of(right)));
    }

    @Test
    void policy_ofParts_checksThemAsTheSettersDo() {
        Optional<Duration> none = Optional.empty();
        assertThatThrownBy(() -> new TimeoutPolicy(Duration.ZERO, LONGEST, none, LONGEST, LONGEST, none))
                .hasMessageStartingWith("timeouts preface: PT0S");
        assertThatThrownBy(() -> new TimeoutPolicy(LONGEST, Duration.ZERO, none, LONGEST, LONGEST, none))
                .hasMessageStartingWith("timeouts connect: PT0S");
        assertThatThrownBy(
                        () -> new TimeoutPolicy(LONGEST, LONGEST, Optional.of(Duration.ZERO), LONGEST, LONGEST, none))
                .hasMessageStartingWith("timeouts idle: PT0S");
        assertThatThrownBy(() -> new TimeoutPolicy(LONGEST, LONGEST, none, Duration.ZERO, LONGEST, none))
                .hasMessageStartingWith("timeouts halfClosed: PT0S");
        assertThatThrownBy(() -> new TimeoutPolicy(LONGEST, LONGEST, none, LONGEST, Duration.ZERO, none))
                .hasMessageStartingWith("timeouts stall: PT0S");
        assertThatThrownBy(
                        () -> new TimeoutPolicy(LONGEST, LONGEST, none, LONGEST, LONGEST, Optional.of(Duration.ZERO)))
                .hasMessageStartingWith("timeouts lifetime: PT0S");
    }

    @Test
    void toBuilder_holdsEveryPart_andLeavesThePolicyAsItIs() {
        TimeoutPolicy policy = TimeoutPolicy.builder()
                .connect(Duration.ofMillis(1))
                .noIdle()
                .halfClosed(Duration.ofMillis(2))
                .stall(Duration.ofMillis(3))
                .lifetime(Duration.ofMillis(4))
                .build();
        assertThat(policy.toBuilder().build()).isEqualTo(policy);
        assertThat(policy.toBuilder().noLifetime().build().lifetime()).isEmpty();
        assertThat(policy.toBuilder().idle(Duration.ofMillis(5)).build().idle()).contains(Duration.ofMillis(5));
        assertThat(policy.lifetime()).contains(Duration.ofMillis(4));
        assertThat(policy.idle()).isEmpty();
    }
}
