package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitPolicyTest {
    private final LimitPolicy.Builder builder = LimitPolicy.builder();

    @Test
    void policy_asBuilt_hasTheDefaults() {
        LimitPolicy policy = builder.build();
        assertThat(policy.connections()).isEmpty();
        assertThat(policy.connectAttempts()).isEqualTo(3);
        assertThat(policy.bufferedBytes())
                .isEqualTo(Math.max(1024 * 1024, Runtime.getRuntime().maxMemory() / 16));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void connections_outOfRange_areRefused(int wrong) {
        String message = "limits connections: " + wrong + " (expected: 1..2147483647)";
        assertThatThrownBy(() -> builder.connections(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> new LimitPolicy(Optional.of(wrong), 1, 65_536, Optional.empty()))
                .hasMessage(message);
        assertThat(builder.build().connections()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 101})
    void connectAttempts_outOfRange_areRefused(int wrong) {
        String message = "limits connectAttempts: " + wrong + " (expected: 1..100)";
        assertThatThrownBy(() -> builder.connectAttempts(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> new LimitPolicy(Optional.empty(), wrong, 65_536, Optional.empty()))
                .hasMessage(message);
        assertThat(builder.build().connectAttempts()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {65_535, 0, -1, Long.MIN_VALUE})
    void bufferedBytes_outOfRange_areRefused(long wrong) {
        String message = "limits bufferedBytes: " + wrong + " (expected: at least 65536)";
        assertThatThrownBy(() -> builder.bufferedBytes(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> new LimitPolicy(Optional.empty(), 1, wrong, Optional.empty()))
                .hasMessage(message);
        assertThat(builder.build()).isEqualTo(LimitPolicy.builder().build());
    }

    @Test
    void parts_atTheEndsOfTheirRanges_areTaken() {
        assertThat(builder.connections(1)
                        .connectAttempts(1)
                        .bufferedBytes(65_536)
                        .build())
                .isEqualTo(new LimitPolicy(Optional.of(1), 1, 65_536, Optional.empty()));
        assertThat(builder.connections(Integer.MAX_VALUE)
                        .connectAttempts(100)
                        .bufferedBytes(Long.MAX_VALUE)
                        .build())
                .isEqualTo(new LimitPolicy(Optional.of(Integer.MAX_VALUE), 100, Long.MAX_VALUE, Optional.empty()));
    }

    @Test
    void toBuilder_holdsEveryPart_andLeavesThePolicyAsItIs() {
        LimitPolicy policy =
                builder.connections(7).connectAttempts(8).bufferedBytes(90_000).build();
        assertThat(policy.toBuilder().build()).isEqualTo(policy);
        assertThat(policy.toBuilder().connections(9).build())
                .isEqualTo(new LimitPolicy(Optional.of(9), 8, 90_000, Optional.empty()));
        assertThat(policy.connections()).contains(7);
    }
}
