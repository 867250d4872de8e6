package io.lb4j.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClientLimitsTest {
    @Test
    void limits_whereNotSet_areTheDefaults() {
        ClientLimits limits = ClientLimits.of(l -> l.maxConnections(50));

        assertThat(limits.maxConnections()).isEqualTo(OptionalInt.of(50));
        assertThat(limits.connectRate()).isEmpty();
        assertThat(limits.ipv6Prefix()).isEqualTo(64);
        assertThat(limits.exempt()).isEmpty();
        assertThat(limits.maxClients()).isEqualTo(100_000);
    }

    @Test
    void limits_whereSet_areThat() throws UnknownHostException {
        ClientLimits limits = ClientLimits.of(l -> l.connectRate(20, Duration.ofSeconds(1))
                .ipv6Prefix(56)
                .exempt("10.0.0.0/8", "::1")
                .exempt("192.0.2.1")
                .maxClients(7));

        assertThat(limits.maxConnections()).isEmpty();
        assertThat(limits.connectRate()).isEqualTo(Optional.of(new ClientLimits.Rate(20, Duration.ofSeconds(1))));
        assertThat(limits.connectRate().orElseThrow()).hasToString("20 in PT1S");
        assertThat(limits.ipv6Prefix()).isEqualTo(56);
        assertThat(limits.maxClients()).isEqualTo(7);
        assertThat(limits.isExempt(InetAddress.getByName("10.1.2.3"))).isTrue();
        assertThat(limits.isExempt(InetAddress.getByName("192.0.2.1"))).isTrue();
        assertThat(limits.isExempt(InetAddress.getByName("::ffff:192.0.2.1"))).isTrue();
        assertThat(limits.isExempt(InetAddress.getByName("192.0.2.2"))).isFalse();
        assertThat(limits.isExempt(InetAddress.getByName("::2"))).isFalse();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake(l -> {}, "clientLimits: none set (expected: maxConnections, connectRate or bandwidth)"),
                mistake(
                        l -> l.maxClients(9),
                        "clientLimits: none set (expected: maxConnections, connectRate or bandwidth)"),
                mistake(l -> l.maxConnections(0), "clientLimits maxConnections: 0 (expected: 1..10000000)"),
                mistake(
                        l -> l.connectRate(0, Duration.ofSeconds(1)),
                        "clientLimits connectRate: 0 (expected: 1..1000000)"),
                mistake(
                        l -> l.connectRate(1, Duration.ZERO),
                        "clientLimits connectRate: PT0S (expected: > 0 and <= 3650 days)"),
                mistake(
                        l -> l.connectRate(1, Duration.ofHours(25)),
                        "clientLimits connectRate: PT25H (expected: at most 1 day)"),
                mistake(l -> l.ipv6Prefix(0), "clientLimits ipv6Prefix: 0 (expected: 1..128)"),
                mistake(l -> l.ipv6Prefix(129), "clientLimits ipv6Prefix: 129 (expected: 1..128)"),
                mistake(l -> l.maxClients(0), "clientLimits maxClients: 0 (expected: 1..10000000)"),
                mistake(l -> l.exempt("10.1.0.0/8"), "clientLimits exempt: 10.1.0.0/8 (expected: 10.0.0.0/8)"));
    }

    private static Arguments mistake(Consumer<ClientLimits.Builder> limits, String message) {
        return Arguments.of(limits, message);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void limits_outOfRange_areRefusedOnTheirLine(Consumer<ClientLimits.Builder> limits, String message) {
        assertThatThrownBy(() -> ClientLimits.of(limits))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
